package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerDataTest {
    private final String before = System.getProperty(ServerData.PROPERTY, "");

    @AfterEach
    void restore() {
        System.setProperty(ServerData.PROPERTY, before);
    }

    @Test
    void newDirectory_liesWhereThePropertySays(@TempDir Path named) {
        System.setProperty(ServerData.PROPERTY, named.toString());
        assertThat(ServerData.newDirectory("telemetry-test-")).hasParent(named);
        assertDeleted(ServerData.newDurableDirectory("telemetry-test-"), named);
    }

    @Test
    void newDirectory_isATemporaryOneIfTheNamedOneCannotBeUsed(@TempDir Path parent) throws IOException {
        System.setProperty(ServerData.PROPERTY, parent.resolve("missing").toString());
        assertDeleted(ServerData.newDirectory("telemetry-test-"), parent);
        System.setProperty(
                ServerData.PROPERTY, Files.createFile(parent.resolve("a-file")).toString());
        assertDeleted(ServerData.newDirectory("telemetry-test-"), parent);
        System.setProperty(ServerData.PROPERTY, " ");
        assertDeleted(ServerData.newDirectory("telemetry-test-"), parent);
    }

    private static void assertDeleted(Path directory, Path elsewhere) {
        assertThat(directory).isDirectory();
        assertThat(directory.startsWith(elsewhere)).isFalse();
        Directories.delete(directory);
    }
}
