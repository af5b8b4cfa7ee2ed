package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way in which PostgreSQL's programs run, since they refuse to run as root.
 *
 * <p>As another user than root: directly. As root: in a user namespace in which root has no name ({@code unshare}), so
 * that the files stay root's; where namespaces are forbidden, as in many containers, as the user and group 65534
 * ({@code setpriv}), which then own the files. Either program replaces itself by the one it runs: the child's process
 * id is that of PostgreSQL.
 */
enum Privileges {
    AS_THEY_ARE,
    USER_NAMESPACE,
    NOBODY;

    private static final int NOBODY_ID = 65_534;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Returns the way for the user that owns this new directory. */
    static Privileges of(Path newDirectory) {
        if (!belongsToRoot(newDirectory)) {
            return AS_THEY_ARE;
        }
        return USER_NAMESPACE.isPossible() ? USER_NAMESPACE : NOBODY;
    }

    List<String> command(String program, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix());
        command.add(program);
        command.addAll(arguments);
        return command;
    }

    /** Gives the directory and all its files to the user of the programs. */
    void own(Path directory) {
        if (this != NOBODY) {
            return;
        }
        try {
            Files.walkFileTree(directory, new Owning());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot change the owner of " + directory, e);
        }
    }

    private List<String> prefix() {
        return switch (this) {
            case AS_THEY_ARE -> List.of();
            case USER_NAMESPACE -> List.of("unshare", "-U");
            case NOBODY -> List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        };
    }

    private static boolean belongsToRoot(Path directory) {
        try {
            return Files.getFileStore(directory).supportsFileAttributeView("unix")
                    && Integer.valueOf(0).equals(Files.getAttribute(directory, "unix:uid"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the owner of " + directory, e);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return false;
        }
    }

    private boolean isPossible() {
        try {
            Process probe = new ProcessBuilder(command("true", List.of()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return ChildProcess.awaitExit(probe, LIMIT) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static final class Owning extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            return own(file);
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            return own(directory);
        }

        private static FileVisitResult own(Path path) throws IOException {
            Files.setAttribute(path, "unix:uid", NOBODY_ID, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", NOBODY_ID, LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
        }
    }
}
