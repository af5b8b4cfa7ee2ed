package io.gpufleet.telemetry.integration.host;

import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A Maven project outside of the build, created only from the README: its pom and its program. It finds the artifacts
 * of this build in its own repository. Belongs to the thread of the test.
 */
final class HostProject {
    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final String VERSION = "0.1.0-SNAPSHOT";
    private static final List<String> MODULES =
            List.of("telemetry-core", "telemetry-codec", "telemetry-kafka", "telemetry-jdbc");

    /** The build's downloads, which are used before anything is downloaded again. */
    private static final String SETTINGS = """
            <settings>
              <profiles>
                <profile>
                  <id>host</id>
                  <repositories>%1$s</repositories>
                  <pluginRepositories>%2$s</pluginRepositories>
                </profile>
              </profiles>
              <activeProfiles><activeProfile>host</activeProfile></activeProfiles>
            </settings>
            """;

    private final Path directory;

    private HostProject(Path directory) {
        this.directory = directory;
    }

    /** Creates the project; its program uses these addresses instead of those of the README. */
    static HostProject create(Path directory, String bootstrapServers, String jdbcUrl) throws IOException {
        HostProject project = new HostProject(directory);
        project.write("pom.xml", block("xml"));
        project.write(
                "src/main/java/Main.java",
                block("java")
                        .replace("localhost:9092", bootstrapServers)
                        .replaceFirst("jdbc:postgresql:[^\"]*", jdbcUrl));
        project.write("settings.xml", settings(project.installArtifacts()));
        return project;
    }

    private static String block(String language) throws IOException {
        return Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("README.md")))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    private void write(String file, String text) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    /** Installs our artifacts like {@code mvn install}, into a repository of this project. */
    private Path installArtifacts() throws IOException {
        Path repository = directory.resolve("repository");
        install(repository, "telemetry-parent", ROOT.resolve("pom.xml"), "pom");
        install(repository, "telemetry-bom", ROOT.resolve(Path.of("src-it", "bom", "pom.xml")), "pom");
        for (String module : MODULES) {
            install(repository, module, ROOT.resolve(module).resolve("pom.xml"), "pom");
            install(
                    repository,
                    module,
                    ROOT.resolve(module).resolve("target/" + module + "-" + VERSION + ".jar"),
                    "jar");
        }
        return repository;
    }

    private static void install(Path repository, String artifact, Path file, String type) throws IOException {
        Path target = repository.resolve(Path.of("io", "gpufleet", artifact, VERSION));
        Files.createDirectories(target);
        Files.copy(file, target.resolve(artifact + "-" + VERSION + "." + type), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String settings(Path ownArtifacts) {
        Path downloaded = Path.of(System.getProperty("host.downloaded"));
        String own = repository("repository", "own", ownArtifacts);
        return SETTINGS.formatted(
                own + repository("repository", "downloaded", downloaded),
                repository("pluginRepository", "downloaded", downloaded));
    }

    private static String repository(String element, String id, Path directory) {
        return "<%1$s><id>%2$s</id><url>%3$s</url></%1$s>".formatted(element, id, directory.toUri());
    }

    /** Compiles the project with Maven and returns its run-time class path. */
    private String compile() throws IOException, InterruptedException {
        Path classPath = directory.resolve("target/class-path");
        Path log = directory.resolve("maven.log");
        Process maven = new ProcessBuilder(
                        Path.of(System.getProperty("host.maven"), "bin", "mvn").toString(),
                        "--batch-mode",
                        "--settings=" + directory.resolve("settings.xml"),
                        "-Dmaven.repo.local=" + directory.resolve("local"),
                        "compile",
                        "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath",
                        "-Dmdep.includeScope=runtime",
                        "-Dmdep.outputFile=" + classPath)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!maven.waitFor(5, TimeUnit.MINUTES) || maven.exitValue() != 0) {
            maven.destroy();
            throw new AssertionError("Maven fails:\n" + Files.readString(log, StandardCharsets.UTF_8));
        }
        return directory.resolve("target/classes") + File.pathSeparator + Files.readString(classPath);
    }

    /** Compiles the program and starts it in its own JVM. */
    ForkedJvm start() throws IOException, InterruptedException {
        return ForkedJvm.builder("Main").classPath(compile()).start();
    }
}
