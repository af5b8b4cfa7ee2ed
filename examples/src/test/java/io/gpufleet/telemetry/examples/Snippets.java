package io.gpufleet.telemetry.examples;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The code blocks of this repository's documents, and the compiler's complaints about them. */
public final class Snippets {
    static final Path ROOT = Path.of("..");

    private static final Pattern NAME = Pattern.compile("(?m)^(?:public )?class (\\w+)");

    private final String document;

    private Snippets(String document) {
        this.document = document;
    }

    /** Reads a document, named from the root of the repository. */
    public static Snippets of(String path) throws IOException {
        return new Snippets(Files.readString(ROOT.resolve(path)));
    }

    /** Returns the code blocks of a language, in their order. */
    public List<String> blocks(String language) {
        return Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL)
                .matcher(document)
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    /** Returns all matches of a pattern in the document, in their order. */
    public List<MatchResult> matches(Pattern pattern) {
        return pattern.matcher(document).results().toList();
    }

    /** Compiles a class into a directory and returns the complaints of the compiler. */
    static String complaints(String source, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String classPath = System.getProperty("java.class.path");
        List<String> options = List.of(
                "-d", classes.toString(), "-classpath", classPath, "--release", "17", "-proc:none", "-Xlint:all");
        StringWriter complaints = new StringWriter();
        compiler.getTask(complaints, null, null, options, null, List.of(inMemory(source)))
                .call();
        return complaints.toString();
    }

    /** Returns the name of a block's class. */
    static String nameOf(String source) {
        return NAME.matcher(source).results().findFirst().orElseThrow().group(1);
    }

    /** Returns a loader for the compiled classes of a directory. */
    static URLClassLoader loader(Path classes) throws IOException {
        return new URLClassLoader(new URL[] {classes.toUri().toURL()}, Snippets.class.getClassLoader());
    }

    private static JavaFileObject inMemory(String source) {
        URI name = URI.create("string:///" + nameOf(source) + ".java");
        return new SimpleJavaFileObject(name, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }
}
