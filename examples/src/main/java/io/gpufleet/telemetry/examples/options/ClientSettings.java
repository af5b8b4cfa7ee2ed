package io.gpufleet.telemetry.examples.options;

import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The names of the settings of Kafka's clients, which themselves ignore any other. */
final class ClientSettings {
    private static final Set<String> NAMES = names();

    private ClientSettings() {}

    private static Set<String> names() {
        Set<String> names = new TreeSet<>(ConsumerConfig.configNames());
        names.addAll(ProducerConfig.configNames());
        names.addAll(AdminClientConfig.configNames());
        return names;
    }

    /**
     * Refuses the name of a setting that no client has.
     *
     * @throws IllegalArgumentException with the nearest name
     */
    static void requireKnown(String name) {
        if (!NAMES.contains(name)) {
            String nearest = NAMES.stream()
                    .min(Comparator.comparingInt(known -> distance(name, known)))
                    .orElseThrow();
            throw new IllegalArgumentException(KafkaOptions.CLIENT_PROPERTY + ": \"" + name
                    + "\" is no setting of Kafka's clients; did you mean " + nearest + "?");
        }
    }

    /** Returns the number of characters to insert, remove or replace that make one text of the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            int diagonal = i;
            for (int j = 0; j <= to.length(); j++) {
                int above = row[j];
                if (i == 0 || j == 0) {
                    row[j] = i + j;
                } else {
                    int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                    row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
                }
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}
