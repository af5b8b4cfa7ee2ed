package io.gpufleet.telemetry.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/** The format and the start of a single node, in any JVM. */
final class BrokerNode {
    private BrokerNode() {}

    /** Starts the node that the file describes; its log directory is formatted if it is new. */
    static KafkaRaftServer start(Path serverProperties) {
        KafkaConfig configuration = KafkaConfig.fromProps(read(serverProperties), false);
        if (Files.notExists(Path.of(configuration.metadataLogDir(), "meta.properties"))) {
            format(serverProperties);
        }
        KafkaRaftServer server = new KafkaRaftServer(configuration, Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException | Error e) {
            server.shutdown();
            throw e;
        }
        return server;
    }

    private static void format(Path serverProperties) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        String cluster = lines(BrokerFiles.cluster(serverProperties)).get(0);
        List<String> arguments =
                new ArrayList<>(List.of("format", "--cluster-id", cluster, "--config", serverProperties.toString()));
        lines(BrokerFiles.scram(serverProperties))
                .forEach(credential -> arguments.addAll(List.of("--add-scram", credential)));
        int code = StorageTool.execute(
                arguments.toArray(String[]::new), new PrintStream(printed, true, StandardCharsets.UTF_8));
        if (code != 0) {
            throw new IllegalStateException("formatting the broker's storage ended with code " + code + ": "
                    + printed.toString(StandardCharsets.UTF_8));
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        try (InputStream stream = Files.newInputStream(file)) {
            properties.load(stream);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return properties;
    }
}
