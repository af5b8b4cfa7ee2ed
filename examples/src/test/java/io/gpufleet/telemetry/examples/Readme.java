package io.gpufleet.telemetry.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The README of this repository, and the code in it. */
final class Readme {
    static final Path ROOT = Path.of("..");

    private Readme() {}

    /** The code blocks of a language, in their order. */
    static List<String> blocks(String language) throws IOException {
        return Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("README.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    /** One of the code blocks of a language, from 0. */
    static String block(String language, int index) throws IOException {
        return blocks(language).get(index);
    }
}
