package io.gpufleet.telemetry.examples.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What exporters, spreadsheets and agents were seen to send, and what is stored of it. Beside each file lies one with
 * the options, the object that tells of the file, and an object for each stored sample.
 */
final class CheckCasesTest {
    private static final Path CASES = Path.of("src/test/resources/io/gpufleet/telemetry/examples/samples/cases");
    private static final String EXPECTED = ".expected";

    static Stream<String> cases() throws IOException {
        try (Stream<Path> files = Files.list(CASES)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(EXPECTED))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void check_tellsOfTheFile_andOfEachStoredSample(String name) throws IOException {
        List<String> expected = Files.readAllLines(CASES.resolve(name + EXPECTED));

        Ended ofFile = check("--json", expected.get(0), name);
        Ended ofSamples = check("--samples", expected.get(0), name);

        assertThat(ofFile.out()).containsExactly(expected.get(1));
        assertThat(ofFile.errors()).isEmpty();
        assertThat(ofSamples.out()).containsExactlyElementsOf(expected.subList(2, expected.size()));
        assertThat(List.of(ofFile.code(), ofSamples.code()))
                .containsOnly(expected.get(1).contains("\"rejected\":[]") ? 0 : 1);
    }

    /** Runs a check, with the file's bare name in the output. */
    private static Ended check(String form, String options, String name) {
        String file = CASES.resolve(name).toString();
        String[] arguments = Stream.of(Stream.of("check", form), Stream.of(options.split(" ")), Stream.of(file))
                .flatMap(words -> words)
                .toArray(String[]::new);
        Ended ended = Ended.of(arguments);
        return new Ended(
                ended.code(),
                ended.out().stream().map(line -> line.replace(file, name)).toList(),
                ended.errors());
    }
}
