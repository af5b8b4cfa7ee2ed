package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The messages on the troubleshooting page are in the code, apart from their variable parts. */
final class TroubleshootingPageTest {
    private static final Pattern QUOTE = Pattern.compile("`([^`\\n]*…[^`\\n]*)`");
    private static final Pattern COMMAND = Pattern.compile("(operator|kafka-|TelemetrySchema).*");

    /** The seam of a string that continues on the next line. */
    private static final Pattern SEAM = Pattern.compile("\"\\s*\\+\\s*\"");

    @Test
    void quotedMessages_areThoseOfTheCode() throws IOException {
        String sources = sources();
        List<String> quotes = Snippets.of("docs/troubleshooting.md").matches(QUOTE).stream()
                .map(quote -> quote.group(1))
                .filter(quote -> !COMMAND.matcher(quote).matches())
                .toList();

        assertThat(quotes).hasSizeGreaterThan(10);
        assertThat(quotes.stream().flatMap(quote -> Stream.of(quote.split("…", -1))))
                .filteredOn(part -> !sources.contains(part.strip()))
                .isEmpty();
    }

    private static String sources() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String module : List.of("telemetry-core", "telemetry-kafka", "telemetry-jdbc", "examples")) {
            try (Stream<Path> files = Files.walk(Snippets.ROOT.resolve(module).resolve("src/main/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    all.append(Files.readString(file));
                }
            }
        }
        return SEAM.matcher(all).replaceAll("");
    }
}
