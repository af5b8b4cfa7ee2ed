package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A PgBouncer that shares two connections of the server by transaction. */
final class PgBouncer {
    /** The property with the path of the program. */
    static final String PROGRAM = "telemetry.pgbouncer";

    private PgBouncer() {}

    static Proxy start(PostgresServer server, Path directory) throws IOException {
        int port = Proxy.freePort();
        Path file = Files.writeString(
                Files.createTempDirectory(directory, "pgbouncer").resolve("pgbouncer.ini"),
                """
                [databases]
                * = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = transaction
                default_pool_size = 2
                server_login_retry = 1
                """.formatted(server.port(), port));
        List<String> command = new ArrayList<>(List.of(System.getProperty(PROGRAM)));
        if (System.getProperty("user.name").equals("root")) {
            // PgBouncer refuses to run as root.
            command.addAll(List.of("-u", "nobody"));
        }
        command.add(file.toString());
        return new Proxy(port, file.resolveSibling("log"), command);
    }
}
