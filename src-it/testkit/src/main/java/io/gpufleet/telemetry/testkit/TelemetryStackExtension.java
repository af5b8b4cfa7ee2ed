package io.gpufleet.telemetry.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands out the one stack of this JVM; JUnit closes it with the launcher session. Thread-safe. */
final class TelemetryStackExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(TelemetryStackExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TelemetryStack.class;
    }

    @Override
    public TelemetryStack resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                .computeIfAbsent(TelemetryStack.class, key -> TelemetryStack.start(), TelemetryStack.class);
    }
}
