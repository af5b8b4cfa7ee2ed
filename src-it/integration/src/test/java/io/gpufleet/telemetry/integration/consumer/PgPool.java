package io.gpufleet.telemetry.integration.consumer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A Pgpool-II that sends reads, as far as it recognizes them, to the standby, and the rest to the first server. */
final class PgPool {
    /** The property with the path of the program. */
    static final String PROGRAM = "telemetry.pgpool";

    private PgPool() {}

    static Proxy start(ServerPair servers, Path directory) throws IOException {
        int port = Proxy.freePort();
        Path home = Files.createTempDirectory(directory, "pgpool");
        Path file = Files.writeString(home.resolve("pgpool.conf"), """
                backend_clustering_mode = 'streaming_replication'
                listen_addresses = '127.0.0.1'
                port = %d
                pcp_listen_addresses = ''
                socket_dir = '%s'
                pcp_socket_dir = '%s'
                logdir = '%s'
                pid_file_name = '%s'
                num_init_children = 16
                max_pool = 1
                sr_check_period = 1
                sr_check_user = 'postgres'
                health_check_period = 0
                backend_hostname0 = '127.0.0.1'
                backend_port0 = %d
                backend_weight0 = 0
                backend_hostname1 = '127.0.0.1'
                backend_port1 = %d
                backend_weight1 = 1
                load_balance_mode = on
                """.formatted(
                        port,
                        home,
                        home,
                        home,
                        home.resolve("pid"),
                        servers.first().port(),
                        servers.second().port()));
        Files.writeString(home.resolve("pcp.conf"), "");
        return new Proxy(
                port,
                home.resolve("log"),
                List.of(
                        System.getProperty(PROGRAM),
                        "-n",
                        "-f",
                        file.toString(),
                        "-F",
                        home.resolve("pcp.conf").toString()));
    }
}
