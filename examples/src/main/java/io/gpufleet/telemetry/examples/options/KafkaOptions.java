package io.gpufleet.telemetry.examples.options;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options of a program that needs the broker: a picocli mixin, or a group if they are optional. Not thread-safe.
 */
public final class KafkaOptions {
    static final String CLIENT_PROPERTY = "--client-property";

    @Option(
            names = "--bootstrap-server",
            paramLabel = "<host:port>",
            required = true,
            defaultValue = "${env:TELEMETRY_BOOTSTRAP_SERVER}",
            converter = BootstrapServerConverter.class,
            description = "The brokers to ask first, separated by commas, else from TELEMETRY_BOOTSTRAP_SERVER.")
    private @Nullable String bootstrapServers;

    @Option(
            names = CLIENT_PROPERTY,
            paramLabel = "<name=value>",
            defaultValue = "${env:TELEMETRY_CLIENT_PROPERTIES}",
            split = "\\R",
            hideParamSyntax = true,
            description = {
                "A setting of the Kafka client, for example security.protocol=SSL. Repeatable.",
                "Else from TELEMETRY_CLIENT_PROPERTIES, one in each line."
            })
    private Map<String, String> clientProperties = new LinkedHashMap<>();

    /**
     * Returns the brokers to ask first.
     *
     * @return {@code host:port}, separated by commas
     */
    public String bootstrapServers() {
        return requireNonNull(bootstrapServers, "bootstrapServers");
    }

    /**
     * Returns the brokers to ask first, for a program in which they are optional.
     *
     * @return {@code host:port}, separated by commas; absent if there are none
     */
    public Optional<String> bootstrapServersIfGiven() {
        return Optional.ofNullable(bootstrapServers);
    }

    /**
     * Returns the further settings of the Kafka client.
     *
     * @return names as in Kafka's documentation, with their values
     * @throws IllegalArgumentException if Kafka's clients have no setting of a name, or they require a login that is
     *     not configured
     */
    public Map<String, String> clientProperties() {
        clientProperties.keySet().forEach(ClientSettings::requireKnown);
        String protocol = clientProperties.getOrDefault("security.protocol", "");
        if (protocol.toUpperCase(Locale.ROOT).startsWith("SASL_")
                && !clientProperties.containsKey("sasl.jaas.config")
                && System.getProperty("java.security.auth.login.config") == null) {
            throw new IllegalArgumentException(CLIENT_PROPERTY + ": security.protocol=" + protocol
                    + " needs sasl.jaas.config, with the login module and its options");
        }
        return Map.copyOf(clientProperties);
    }

    /** Returns the brokers. */
    @Override
    public String toString() {
        return String.valueOf(bootstrapServers);
    }
}
