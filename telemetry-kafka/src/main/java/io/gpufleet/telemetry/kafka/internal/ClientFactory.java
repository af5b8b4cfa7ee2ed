package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.TelemetryException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** The construction of Kafka clients, with errors that name the servers and the cause but no secret. Thread-safe. */
public final class ClientFactory {
    /** Kafka's parsers of the login configuration; their errors may quote a part of it. */
    private static final Set<String> LOGIN_CONFIGURATION =
            Set.of("org.apache.kafka.common.security.JaasConfig", "org.apache.kafka.common.security.JaasContext");

    private ClientFactory() {}

    /** Returns an admin client; {@code bootstrapServers} wins over the overrides. */
    public static Admin admin(String bootstrapServers, Map<String, ?> overrides) {
        Map<String, Object> properties = new HashMap<>(ClientSecrets.wrapped(overrides));
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        Reconnects.addToAdmin(properties);
        return client(bootstrapServers, () -> Admin.create(properties));
    }

    /** Returns a client of any kind, with the cause in the error, which Kafka's own error hides. */
    public static <C> C client(String bootstrapServers, Supplier<C> construct) {
        try {
            return construct.get();
        } catch (KafkaException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw failure("Kafka client of " + bootstrapServers + " cannot be built: ", e, cause);
        }
    }

    /**
     * Returns the failure; SASL's login configuration holds a password, of which Kafka's own error may quote a part.
     */
    private static TelemetryException failure(String what, KafkaException failure, Throwable cause) {
        if (isOfLoginConfiguration(cause)) {
            return new TelemetryException(what
                    + "sasl.jaas.config is not of the form: class of the login module,"
                    + " required, name=\"value\" for each option, semicolon");
        }
        return new TelemetryException(what + cause.getMessage(), failure);
    }

    private static boolean isOfLoginConfiguration(Throwable cause) {
        StackTraceElement[] places = cause.getStackTrace();
        return places.length > 0 && LOGIN_CONFIGURATION.contains(places[0].getClassName());
    }
}
