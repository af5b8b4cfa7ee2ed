package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links between the pages lead to existing files and headings, and each page is the target of one. */
final class LinksTest {

    @Test
    void links_leadToFilesAndHeadingsThatAreThere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Page page : Page.all()) {
            broken.addAll(page.brokenLinks());
        }

        assertThat(broken).isEmpty();
    }

    @Test
    void pages_areReachedFromTheReadmeAndTheGuide() throws IOException {
        Path docs = Snippets.ROOT.resolve("docs").toAbsolutePath().normalize();
        Set<Path> reached = new HashSet<>();
        Page readme = Page.of(Snippets.ROOT.resolve("README.md"));
        Page guide = Page.of(Snippets.ROOT.resolve("docs/guide.md"));
        for (Page page : List.of(readme, guide)) {
            page.links()
                    .forEach(link ->
                            reached.add(page.target(link).toAbsolutePath().normalize()));
        }

        assertThat(Page.all().stream()
                        .map(page -> page.path().toAbsolutePath().normalize())
                        .filter(path -> path.startsWith(docs)))
                .isSubsetOf(reached);
    }

    @Test
    void brokenLinks_areFound(@TempDir Path directory) throws IOException {
        Files.writeString(
                directory.resolve("other.md"), "# Other\n\n## What `start()` does, twice\n\n## Again\n\n## Again\n");
        Path page = Files.writeString(directory.resolve("page.md"), """
                # Page
                [good](other.md) [good](other.md#what-start-does-twice) [good](#page) [good](other.md#again-1)
                [of the web](https://example.org/not-asked)
                [gone](gone.md) [no heading](other.md#again-2) [not here](#other)
                ```
                [code](none.md)
                ```
                """);

        assertThat(Page.of(page).brokenLinks())
                .containsExactly("page.md: gone.md", "page.md: other.md#again-2", "page.md: #other");
    }

    @Test
    void rationale_beginsWithAnIndexOfItsQuestions() throws IOException {
        Page rationale = Page.of(Snippets.ROOT.resolve("docs/rationale.md"));
        List<String> index = new ArrayList<>();
        List<String> questions = rationale.headings();
        for (int i = 1; i < questions.size(); i++) {
            index.add("- [" + questions.get(i) + "](#" + rationale.anchors().get(i) + ")");
        }

        String expected = "\n\n" + String.join("\n", index) + "\n\n## ";
        assertThat(rationale.text().split("(?<=\n## )", 2)[0]).endsWith(expected);
    }
}
