package io.gpufleet.telemetry.integration.moving;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The guide to moving from another consumer, with its code. */
final class MovingGuide {
    private static final Path FILE = Path.of("..", "..", "docs", "moving.md");
    private static final String ALL = "";
    private static final String GPU_SAMPLES = "GPU samples";

    private MovingGuide() {}

    /** Returns one of the blocks of SQL below a heading, from 0. */
    static String sql(String heading, int index) {
        return blocks("sql", heading).get(index);
    }

    /** Returns all blocks of SQL for heartbeats, in their order. */
    static List<String> sql() {
        List<String> all = blocks("sql", ALL);
        return all.subList(0, all.size() - gpuSamples().size());
    }

    /** Returns the blocks of SQL for GPU samples, which are the last ones, in their order. */
    static List<String> gpuSamples() {
        return blocks("sql", GPU_SAMPLES);
    }

    /** Returns all Java classes. */
    static List<String> java() {
        return blocks("java", ALL);
    }

    private static List<String> blocks(String language, String heading) {
        return Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL)
                .matcher(section(heading))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    private static String section(String heading) {
        String text = read();
        return heading.equals(ALL)
                ? text
                : Pattern.compile("^## " + heading + "$(.*?)(?=^## |\\z)", Pattern.DOTALL | Pattern.MULTILINE)
                        .matcher(text)
                        .results()
                        .map(MatchResult::group)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(FILE + " has no heading " + heading));
    }

    private static String read() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
