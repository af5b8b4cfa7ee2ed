package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** The directory of one broker: its configuration and its log directory. */
final class BrokerFiles {
    private final Path directory = Directories.createTemporary("telemetry-kafka-broker-");

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

    void delete() {
        Directories.delete(directory);
    }
}
