package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** The directory of one broker: its configuration and its log directory. */
final class BrokerFiles {
    private final Path directory = ServerData.newDirectory("telemetry-kafka-broker-");

    Path data() {
        return directory.resolve("data");
    }

    Path serverProperties() {
        return directory.resolve("server.properties");
    }

    void write(Properties properties) {
        try (OutputStream stream = Files.newOutputStream(serverProperties())) {
            properties.store(stream, null);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + serverProperties(), e);
        }
    }

    Properties read() {
        try (InputStream stream = Files.newInputStream(serverProperties())) {
            Properties properties = new Properties();
            properties.load(stream);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + serverProperties(), e);
        }
    }

    /** Keeps the id of the cluster that the log directory is formatted for. */
    void writeCluster(String id) {
        Path file = cluster(serverProperties());
        try {
            Files.writeString(file, id);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** The id of the cluster that a configuration belongs to. */
    static Path cluster(Path serverProperties) {
        return serverProperties.resolveSibling("cluster");
    }

    /** Keeps what the format of the log directory gets besides, one in each line. */
    void writeScram(List<String> credentials) {
        Path file = scram(serverProperties());
        try {
            Files.write(file, credentials, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** The SCRAM credentials that belong to a configuration; the file need not exist. */
    static Path scram(Path serverProperties) {
        return serverProperties.resolveSibling("scram");
    }

    void delete() {
        Directories.delete(directory);
    }
}
