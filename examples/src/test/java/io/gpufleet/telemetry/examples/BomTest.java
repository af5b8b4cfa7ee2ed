package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The BOM names the published artifacts, in its own version, and nothing else. */
final class BomTest {
    private static final Pattern MANAGED = Pattern.compile("<dependency>\\s*<groupId>io\\.gpufleet</groupId>\\s*"
            + "<artifactId>([^<]+)</artifactId>\\s*<version>\\$\\{project\\.version}</version>\\s*</dependency>");
    private static final Pattern OWN = Pattern.compile(
            "</modelVersion>.*?<artifactId>(telemetry-[^<]+)</artifactId>\\s*<version>([^<]+)<", Pattern.DOTALL);
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern AFTER_PARENT = Pattern.compile("</parent>\\s*<artifactId>([^<]+)</artifactId>");

    private static final Path BOM = Path.of("src-it", "bom");

    private static String pom(Path directory) throws IOException {
        return Files.readString(Snippets.ROOT.resolve(directory).resolve("pom.xml"));
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).toList();
    }

    @Test
    void bom_namesWhatIsPublished() throws IOException {
        List<String> published = new ArrayList<>();
        String root = pom(Path.of(""));
        for (String module : all(MODULE, root.substring(0, root.indexOf("</modules>")))) {
            String pom = pom(Path.of(module));
            if (!Path.of(module).equals(BOM) && !pom.contains("<maven.deploy.skip>true<")) {
                published.addAll(all(AFTER_PARENT, pom));
            }
        }

        assertThat(all(MANAGED, pom(BOM))).hasSizeGreaterThan(4).containsExactlyInAnyOrderElementsOf(published);
        assertThat(pom(BOM).split("<dependency>", -1))
                .as("nothing else is managed")
                .hasSize(published.size() + 1);
    }

    @Test
    void bom_hasTheVersionOfTheBuildAndNoParent() throws IOException {
        assertThat(version(pom(BOM))).isEqualTo(version(pom(Path.of(""))));
        assertThat(pom(BOM)).doesNotContain("<parent>");
    }

    private static String version(String pom) {
        return OWN.matcher(pom).results().findFirst().orElseThrow().group(2);
    }
}
