package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrivilegesTest {
    @Test
    void command_isUnchangedForOrdinaryUsers() {
        assertThat(Privileges.AS_THEY_ARE.command("initdb", List.of("-D", "data")))
                .isEqualTo(List.of("initdb", "-D", "data"));
    }

    @ParameterizedTest
    @EnumSource(names = {"USER_NAMESPACE", "NOBODY"})
    void root_canRunTheServer(Privileges privileges, @TempDir Path owned) throws IOException {
        assumeTrue(Files.getOwner(owned).getName().equals("root"), "runs as root only");
        PostgresFiles files = PostgresFiles.create(PostgresBinaries.onClassPath(), privileges);
        try {
            files.initialize();
            String port = Integer.toString(LoopbackPort.free());
            List<String> arguments =
                    List.of("-D", files.data().toString(), "-p", port, "-c", "unix_socket_directories=");

            PostgresProcess process = PostgresProcess.start(files, arguments);
            assertThat(process.isAlive()).isTrue();
            process.stop();

            files.replaceData(files.copyData());
            PostgresProcess again = PostgresProcess.start(files, arguments);
            again.kill();
            assertThat(again.isAlive()).isFalse();
        } finally {
            files.delete();
        }
    }
}
