package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of the README compiles unchanged, and names the versions of this build. */
final class ReadmeTest {
    private static final Pattern DEPENDENCY = Pattern.compile(
            "<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>(?:\\s*<version>([^<]+)<)?");
    private static final Pattern OF_GRADLE = Pattern.compile("\"([^:\"]+):([^:\"]+)(?::([^\"]+))?\"");

    @Test
    void javaBlocks_compile(@TempDir Path classes) throws IOException {
        List<String> blocks = Snippets.of("README.md").blocks("java");

        assertThat(blocks)
                .isNotEmpty()
                .allSatisfy(
                        block -> assertThat(Snippets.complaints(block, classes)).isEmpty());
    }

    @Test
    void complaints_areSeen(@TempDir Path classes) {
        assertThat(Snippets.complaints("class Main { Heartbeat unknown; }", classes))
                .contains("cannot find symbol");
    }

    @Test
    void dependencies_areOfTheVersionsThatAreBuilt() throws IOException {
        String pom = Files.readString(Snippets.ROOT.resolve("pom.xml"));

        assertThat(dependencies("xml", DEPENDENCY))
                .filteredOn(dependency -> dependency.group(3) != null)
                .hasSize(4)
                .allSatisfy(dependency -> assertThat(dependency.group(3))
                        .as(dependency.group(2))
                        .isEqualTo(builtVersion(pom, dependency.group(2))));
    }

    @Test
    void gradle_hasTheDependenciesOfThePom() throws IOException {
        assertThat(dependencies("kotlin", OF_GRADLE))
                .extracting(ReadmeTest::coordinates)
                .containsExactlyElementsOf(dependencies("xml", DEPENDENCY).stream()
                        .map(ReadmeTest::coordinates)
                        .toList());
    }

    private static List<MatchResult> dependencies(String language, Pattern dependency) throws IOException {
        return Snippets.of("README.md").blocks(language).stream()
                .flatMap(block -> dependency.matcher(block).results())
                .toList();
    }

    private static String coordinates(MatchResult dependency) {
        return dependency.group(1) + ":" + dependency.group(2) + ":" + dependency.group(3);
    }

    private static String builtVersion(String pom, String artifact) {
        if (artifact.startsWith("telemetry-")) {
            return first(pom, "<artifactId>telemetry-parent</artifactId>\\s*<version>([^<]+)<");
        }
        String property = first(pom, "<artifactId>" + artifact + "</artifactId>\\s*<version>\\$\\{([^}]+)}<");
        return first(pom, "<" + Pattern.quote(property) + ">([^<]+)<");
    }

    private static String first(String text, String regex) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .findFirst()
                .orElseThrow(() -> new AssertionError("the pom has no " + regex))
                .group(1);
    }
}
