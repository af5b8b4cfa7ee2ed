package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles as it stands there, and names the versions that are built here. */
final class ReadmeTest {
    private static final Pattern DEPENDENCY = Pattern.compile("<artifactId>([^<]+)</artifactId>\\s*<version>([^<]+)<");

    @Test
    void javaBlocks_compile(@TempDir Path classes) throws IOException {
        List<String> blocks = Readme.blocks("java");

        assertThat(blocks)
                .isNotEmpty()
                .allSatisfy(block -> assertThat(complaints(block, classes)).isEmpty());
    }

    @Test
    void complaints_areSeen(@TempDir Path classes) {
        assertThat(complaints("class Main { Heartbeat unknown; }", classes)).contains("cannot find symbol");
    }

    @Test
    void dependencies_areOfTheVersionsThatAreBuilt() throws IOException {
        String pom = Files.readString(Readme.ROOT.resolve("pom.xml"));
        List<MatchResult> dependencies = Readme.blocks("xml").stream()
                .flatMap(block -> DEPENDENCY.matcher(block).results())
                .toList();

        assertThat(dependencies)
                .isNotEmpty()
                .allSatisfy(dependency -> assertThat(dependency.group(2))
                        .as(dependency.group(1))
                        .isEqualTo(builtVersion(pom, dependency.group(1))));
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

    private static String complaints(String source, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String classPath = System.getProperty("java.class.path");
        List<String> options = List.of(
                "-d", classes.toString(), "-classpath", classPath, "--release", "17", "-proc:none", "-Xlint:all");
        StringWriter complaints = new StringWriter();
        compiler.getTask(complaints, null, null, options, null, List.of(inMemory(source)))
                .call();
        return complaints.toString();
    }

    private static JavaFileObject inMemory(String source) {
        String name = first(source, "class (\\w+)");
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }
}
