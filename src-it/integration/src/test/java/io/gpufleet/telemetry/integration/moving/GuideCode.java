package io.gpufleet.telemetry.integration.moving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The Java classes of the guide, compiled unchanged except for addresses. Thread-safe. */
final class GuideCode implements AutoCloseable {
    private static final Pattern CLASS = Pattern.compile("class (\\w+)");

    private final URLClassLoader classes;

    private GuideCode(Path directory) throws MalformedURLException {
        this.classes = new URLClassLoader(new URL[] {directory.toUri().toURL()}, GuideCode.class.getClassLoader());
    }

    /** Compiles without a warning, or fails. */
    static GuideCode compile(Path directory, UnaryOperator<String> places) throws MalformedURLException {
        List<JavaFileObject> sources =
                MovingGuide.java().stream().map(places).map(GuideCode::inMemory).toList();
        List<String> options = List.of(
                "-d",
                directory.toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                "--release",
                "17",
                "-proc:none",
                "-Xlint:all");
        StringWriter complaints = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        compiler.getTask(complaints, null, null, options, null, sources).call();
        assertThat(complaints.toString()).as("what the compiler says").isEmpty();
        return new GuideCode(directory);
    }

    /** Calls a static method of one of the classes; its exceptions are thrown unchanged. */
    <R> R call(Class<R> type, String className, String methodName, DataSource argument) throws Throwable {
        Method method = classes.loadClass(className).getDeclaredMethod(methodName, DataSource.class);
        method.setAccessible(true);
        try {
            return type.cast(method.invoke(null, argument));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() throws IOException {
        classes.close();
    }

    private static JavaFileObject inMemory(String source) {
        Matcher name = CLASS.matcher(source);
        assertThat(name.find()).as("a class in " + source).isTrue();
        URI uri = URI.create("string:///" + name.group(1) + ".java");
        return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }
}
