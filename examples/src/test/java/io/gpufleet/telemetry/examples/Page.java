package io.gpufleet.telemetry.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown page: its headings, its links, and the links that lead nowhere. Immutable.
 *
 * @param path the file
 * @param text its text, without its code blocks
 */
record Page(Path path, String text) {
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)\\)");

    static Page of(Path path) throws IOException {
        return new Page(path, CODE.matcher(Files.readString(path)).replaceAll(""));
    }

    /** Returns the pages of this repository. */
    static List<Page> all() throws IOException {
        List<Page> pages = new ArrayList<>();
        for (Path directory : List.of(Snippets.ROOT, Snippets.ROOT.resolve("docs"))) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
                    pages.add(of(file));
                }
            }
        }
        return pages;
    }

    List<String> headings() {
        return HEADING.matcher(text).results().map(match -> match.group(1)).toList();
    }

    /** Returns the anchors of the headings, as GitHub creates them: a repeated heading gets a number. */
    List<String> anchors() {
        Map<String, Integer> seen = new HashMap<>();
        return headings().stream()
                .map(Page::anchor)
                .map(anchor -> {
                    int before = seen.merge(anchor, 1, Integer::sum) - 1;
                    return before == 0 ? anchor : anchor + "-" + before;
                })
                .toList();
    }

    static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                .replace(' ', '-');
    }

    /** Returns the links to files of this repository and to headings. */
    List<String> links() {
        return LINK.matcher(text)
                .results()
                .map(match -> match.group(1))
                .filter(link -> !link.matches("[a-z]+:.*"))
                .toList();
    }

    /** Returns the file of a link. */
    Path target(String link) {
        String file = link.replaceFirst("#.*", "");
        return file.isEmpty()
                ? path
                : path.toAbsolutePath().getParent().resolve(file).normalize();
    }

    List<String> brokenLinks() throws IOException {
        List<String> broken = new ArrayList<>();
        for (String link : links()) {
            Path target = target(link);
            int anchor = link.indexOf('#');
            if (!Files.exists(target) || (anchor >= 0 && !of(target).anchors().contains(link.substring(anchor + 1)))) {
                broken.add(path.getFileName() + ": " + link);
            }
        }
        return broken;
    }
}
