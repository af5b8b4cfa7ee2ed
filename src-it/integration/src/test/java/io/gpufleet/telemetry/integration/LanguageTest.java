package io.gpufleet.telemetry.integration;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Words that no Javadoc, comment, message or page may use; {@code docs/glossary.md} has the terms to use. */
class LanguageTest {
    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final List<String> FORBIDDEN = List.of(
            "somebody",
            "anybody",
            "everybody",
            "nobody",
            "someone",
            "anyone",
            "everyone",
            "no one(?!-)",
            "whoever",
            "made anew",
            "makes? it anew",
            "begins? anew",
            "looks? away",
            "tells? (?:how|whether|what|which|where|why|when)",
            "tried again",
            "tries again",
            "as they are needed",
            "as they have to be",
            "passe[sd] over",
            "set aside",
            "sets (?:\\w+ )?aside",
            "sets what",
            "what an? \\w+ has to",
            "what [^.,;:|(){}]{1,40} that",
            "well again");
    private static final Pattern WORDS =
            Pattern.compile("(?i)\\b(?:" + String.join("|", FORBIDDEN).replace(" ", "\\s+") + ")\\b");
    /** What a source is made of; literals and comments are found in one pass, since each may look like the other. */
    private static final Pattern TOKENS = Pattern.compile("(?s)\"\"\"(?:[^\\\\\"]++|\\\\.|\"(?!\"\"))*+\"\"\""
            + "|\"(?:[^\"\\\\\\n]++|\\\\.)*+\""
            + "|'(?:[^'\\\\\\n]|\\\\.)+'"
            + "|/\\*.*?\\*/"
            + "|//[^\\n]*(?:\\n\\s*//[^\\n]*)*");

    private static final Pattern CONCATENATION = Pattern.compile("\"\\s*\\+\\s*\"");
    private static final Pattern MARGIN = Pattern.compile("\\n\\s*(?:\\*(?!/)|//)");
    /** Titles of columns stay: the names in the operator's JSON follow from them, which scripts read. */
    private static final Pattern TITLE = Pattern.compile("(?m)(?<=^|  )(?:passed over|(?:\\w+ )?set aside at)(?=  |$)");

    @Test
    void sources_useNoForbiddenWord() throws IOException {
        assertThat(complaints(".java")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {".md", ".sql", ".yaml", ".sh", ".xml"})
    void otherTexts_useNoForbiddenWord(String ending) throws IOException {
        assertThat(complaints(ending)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/** Called by somebody. */|somebody",
                "/** What a table has that others lack. */|What a table has that",
                "/* anybody */|anybody",
                "// everybody|everybody",
                "log(\"Nobody listens\");|Nobody",
                "/** For\\n * someone. */|someone",
                "// anyone|anyone",
                "log(\"Everyone waits\");|Everyone",
                "/** No one. */|No one",
                "/** Whoever calls. */|Whoever",
                "/** A topic made\\n * anew. */|made anew",
                "// makes\\n    // it anew|makes it anew",
                "/** It begins\\n     * anew. */|begins anew",
                "/** Lets it look away. */|look away",
                "/** He looks away. */|looks away",
                "/** Tells how. */|Tells how",
                "/** Tells\\n * whether. */|Tells whether",
                "/** Tells what it is. */|Tells what",
                "log(\"it is tried \"\\n    + \"again\");|tried again",
                "// tries again|tries again",
                "log(\"tables are not as they \" + \"are needed\");|as they are needed",
                "/** As they have to be. */|As they have to be",
                "/** It passes over it. */|passes over",
                "/** It is passed over. */|passed over",
                "log(\"was set aside\");|set aside",
                "/** It sets records aside. */|sets records aside",
                "/** Sets what it is. */|Sets what",
                "/** What a value has to be. */|What a value has to",
                "log(\"store: well again\");|well again",
                "String s = \"\"\"\\n  it is tried\\n  again\"\"\";|tried again",
            })
    void forbiddenWord_isFound(String source, String found) {
        assertThat(found(prose(source.replace("\\n", "\n")))).containsExactly(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int nobody = somebody(\"nobody\");",
                "/** Sets the validator. */",
                "/** Returns whether it is set. Aside, it tells more. */",
                "char c = '\"'; // whole",
                "/** It is tried. */ /** Again. */",
                "/** If there is no one-row statement. */",
                "Column.count(\"passed over\");",
                "String head = \"offset  passed over  moved at\";",
            })
    void otherWord_isNotFound(String source) {
        assertThat(found(prose(source))).isEmpty();
    }

    private static List<String> complaints(String ending) throws IOException {
        List<Path> texts = texts(ending);
        assertThat(texts).as("texts ending in %s", ending).isNotEmpty();
        return texts.stream().flatMap(LanguageTest::complaintsOf).toList();
    }

    /** Returns the files with an ending, but for what a build has made, and this test, which quotes the words. */
    private static List<Path> texts(String ending) throws IOException {
        List<Path> texts = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String name = directory.getFileName().toString();
                boolean isMade = name.equals("target") || (name.startsWith(".") && !directory.equals(ROOT));
                return isMade ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(ending) && !file.endsWith("LanguageTest.java")) {
                    texts.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return texts;
    }

    private static Stream<String> complaintsOf(Path file) {
        String text = read(file);
        return found(file.toString().endsWith(".java") ? prose(text) : text).stream()
                .map(words -> ROOT.relativize(file) + ": " + words);
    }

    /** Returns the comments and messages of a source; a literal of one word is a name. */
    private static String prose(String source) {
        return TOKENS.matcher(CONCATENATION.matcher(source).replaceAll(""))
                .results()
                .map(token -> token.group().startsWith("/") ? comment(token.group()) : literal(token.group()))
                .filter(text -> text.contains(" "))
                .collect(joining("\n;\n"));
    }

    private static String comment(String token) {
        return MARGIN.matcher(token).replaceAll(" ");
    }

    private static String literal(String token) {
        int quotes = token.startsWith("\"\"\"") ? 3 : 1;
        String text = token.substring(quotes, token.length() - quotes);
        return TITLE.matcher(text).replaceAll("");
    }

    private static List<String> found(String prose) {
        return WORDS.matcher(prose)
                .results()
                .map(match -> match.group().replaceAll("\\s+", " "))
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
