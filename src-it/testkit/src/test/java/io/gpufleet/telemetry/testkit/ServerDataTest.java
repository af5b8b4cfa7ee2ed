package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
    void newDirectory_isATemporaryOneWithoutTheProperty(@TempDir Path elsewhere) {
        System.setProperty(ServerData.PROPERTY, " ");
        assertDeleted(ServerData.newDirectory("telemetry-test-"), elsewhere);
    }

    @Test
    void newDirectory_namesAPropertyThatIsNoDirectory(@TempDir Path parent) throws IOException {
        assertRefused(parent.resolve("missing"));
        assertRefused(Files.createFile(parent.resolve("a-file")));
    }

    private static void assertRefused(Path named) {
        System.setProperty(ServerData.PROPERTY, named.toString());
        assertThatIllegalStateException()
                .isThrownBy(() -> ServerData.newDirectory("telemetry-test-"))
                .withMessage("telemetry.testkit.data: \"" + named + "\" is not a directory that can be written");
    }

    private static void assertDeleted(Path directory, Path elsewhere) {
        assertThat(directory).isDirectory();
        assertThat(directory.startsWith(elsewhere)).isFalse();
        Directories.delete(directory);
    }
}
