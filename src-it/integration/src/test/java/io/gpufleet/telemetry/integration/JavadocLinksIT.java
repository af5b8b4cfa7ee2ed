package io.gpufleet.telemetry.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gpufleet.telemetry.Batch;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The links from the Javadoc of a module to that of another one, in the jars of this build. */
final class JavadocLinksIT {
    private static final Pattern LINK = Pattern.compile(
            "href=\"https://javadoc\\.io/doc/io\\.gpufleet/([^/\"]+)/([^/\"]+)/([^\"#]+)(?:#([^\"]+))?\"");

    /**
     * A link to a page of another module.
     *
     * @param anchor the place in the page, empty for the whole page
     */
    private record Link(String from, String module, String version, String page, String anchor) {}

    private static Path javadoc(String module) {
        String version = Batch.class.getPackage().getImplementationVersion();
        String directory = module.equals("telemetry-testkit") ? "src-it/testkit" : module;
        return Path.of("..", "..", directory, "target", module + "-" + version + "-javadoc.jar");
    }

    @ParameterizedTest
    @CsvSource({
        "telemetry-codec, BincodeHeartbeatCodec, telemetry-core, Heartbeat",
        "telemetry-kafka, BatchingConsumer, telemetry-core, Sink",
        "telemetry-jdbc, PostgresSink, telemetry-core, TransactionalSink",
        "telemetry-testkit, FleetRecord, telemetry-core, Heartbeat",
        "telemetry-testkit, FleetGenerator.Builder, telemetry-codec, BincodeHeartbeatCodec"
    })
    void types_ofOtherModulesAreLinks(String module, String page, String otherModule, String type) throws IOException {
        assumeTrue(Files.exists(javadoc(module)), "-Dgates.skip makes no Javadoc");

        List<Link> links = links(module).stream()
                .filter(link -> link.module().equals(otherModule))
                .toList();

        assertThat(links)
                .filteredOn(link -> link.from().endsWith("/" + page + ".html"))
                .anyMatch(link -> link.page().endsWith("/" + type + ".html"));
        try (ZipFile target = new ZipFile(javadoc(otherModule).toFile())) {
            assertThat(links).allMatch(link -> leadsInto(target, link), "leads to a page of the other jar");
        }
    }

    /** A package that is missing there is no link, without a warning. */
    @ParameterizedTest
    @CsvSource({"telemetry-core, core", "telemetry-codec, codec"})
    void packages_ofAModuleAreAllKnownToTheOthers(String module, String directory) throws IOException {
        assumeTrue(Files.exists(javadoc(module)), "-Dgates.skip makes no Javadoc");
        List<String> known = Files.readAllLines(Path.of("..", "javadoc", directory, "element-list"));

        try (ZipFile pages = new ZipFile(javadoc(module).toFile())) {
            List<String> packages =
                    text(pages, pages.getEntry("element-list")).lines().toList();

            assertThat(known).isEqualTo(packages.subList(1, packages.size()));
            assertThat(packages.get(0)).as("the module").startsWith("module:");
        }
    }

    @Test
    void packages_ofCoreAreTheSameForModulesWithADescriptor() throws IOException {
        Path lists = Path.of("..", "javadoc");

        assertThat(Files.readString(lists.resolve("core-module").resolve("element-list")))
                .isEqualTo("module:io.gpufleet.telemetry.core\n"
                        + Files.readString(lists.resolve("core").resolve("element-list")));
    }

    private static List<Link> links(String module) throws IOException {
        List<Link> links = new ArrayList<>();
        try (ZipFile pages = new ZipFile(javadoc(module).toFile())) {
            for (ZipEntry page : Collections.list(pages.entries())) {
                LINK.matcher(text(pages, page))
                        .results()
                        .map(link -> new Link(
                                page.getName(),
                                link.group(1),
                                link.group(2),
                                link.group(3),
                                link.group(4) == null ? "" : URLDecoder.decode(link.group(4), StandardCharsets.UTF_8)))
                        .forEach(links::add);
            }
        }
        return links;
    }

    private static boolean leadsInto(ZipFile jar, Link link) {
        ZipEntry page = jar.getEntry(link.page());
        return page != null
                && jar.getName().endsWith(link.module() + "-" + link.version() + "-javadoc.jar")
                && (link.anchor().isEmpty() || text(jar, page).contains("id=\"" + link.anchor() + "\""));
    }

    private static String text(ZipFile jar, ZipEntry page) {
        try {
            return new String(jar.getInputStream(page).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(page.getName(), e);
        }
    }
}
