package io.gpufleet.telemetry.testkit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How clients reach a broker: over TLS with a password, over TLS, or plainly. The kit itself and the broker use a plain
 * listener of the loopback address. Immutable.
 */
record BrokerSecurity(Optional<TestCertificates.ServerCertificate> certificate, Map<String, String> passwords) {
    private static final String MECHANISM = "SCRAM-SHA-512";
    private static final String CLIENTS = "CLIENTS";
    private static final String KIT = "KIT";

    /** The name that clients use: the only one that a certificate is for. */
    String host() {
        return certificate.isPresent() ? "localhost" : LoopbackPort.HOST;
    }

    boolean isOn() {
        return certificate.isPresent();
    }

    /** Replaces the plain listener for clients; without effect when security is off. */
    Map<String, String> properties(int port, int kitPort, int controllerPort) {
        Map<String, String> properties = new HashMap<>();
        certificate.ifPresent(own -> {
            String protocol = passwords.isEmpty() ? "SSL" : "SASL_SSL";
            String kit = KIT + "://" + LoopbackPort.HOST + ":" + kitPort;
            properties.put(
                    "listener.security.protocol.map",
                    CLIENTS + ":" + protocol + "," + KIT + ":PLAINTEXT,CONTROLLER:PLAINTEXT");
            properties.put(
                    "listeners",
                    CLIENTS + "://" + LoopbackPort.HOST + ":" + port + "," + kit + ",CONTROLLER://" + LoopbackPort.HOST
                            + ":" + controllerPort);
            properties.put("advertised.listeners", CLIENTS + "://" + host() + ":" + port + "," + kit);
            properties.put("inter.broker.listener.name", KIT);
            properties.put("ssl.keystore.type", "PKCS12");
            properties.put("ssl.keystore.location", own.keyStore().toString());
            properties.put("ssl.keystore.password", own.storePassword());
            properties.put("ssl.key.password", own.storePassword());
        });
        if (!passwords.isEmpty()) {
            properties.put("sasl.enabled.mechanisms", MECHANISM);
            properties.put(
                    "listener.name.clients.scram-sha-512.sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        }
        return properties;
    }

    /** What {@code kafka-storage format} takes for the users. */
    List<String> formatArguments() {
        return new TreeMap<>(passwords)
                .entrySet().stream()
                        .map(user -> MECHANISM + "=[name=" + user.getKey() + ",password=" + user.getValue() + "]")
                        .toList();
    }

    /** Names the users, not their passwords. */
    @Override
    public String toString() {
        return host() + " for " + passwords.keySet();
    }
}
