package io.gpufleet.telemetry.examples.rest;

import io.gpufleet.telemetry.examples.options.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page of the documentation that tells the document in tables. */
final class ApiPage {
    private static final String HEAD = """
            # The HTTP API

            `examples/bin/telemetry-api` answers questions over HTTP, from the tables of the SDK. This page is generated: after
            a change of the service, `mvn -Popenapi` writes it and `examples/rest/openapi.yaml`, which the service serves as
            `/openapi.yaml` and shows at `/swagger/`.

            ## Rules

            - A key goes into `X-API-Key: <key>` or `Authorization: Bearer <key>`; a key in the URL is never taken. The keys are
              in the environment: `TELEMETRY_API_KEYS="grafana=<key>,ops=<key>"`, with commas or line ends between. Without
              a key the service does not start, unless it is told `--no-auth`, and then at a loopback address only.
            - Each key has `--rate` requests a second in the long run and `--burst` at once, told in `RateLimit-Limit`,
              `RateLimit-Remaining` and `RateLimit-Reset`; beyond them the answer is 429 with `Retry-After`. An address without
              a valid key has 10 a second. A proxy's `X-Forwarded-For` is not believed.
            - Times are RFC 3339, in answers in UTC; both ends count. A number that is not there is `null`.
            - Errors are `application/problem+json` with `type`, `title`, `status`, `detail` and, if a parameter is at fault,
              `parameter`. A parameter that is unknown, stands twice, or is empty is refused.
            - 503 with `Retry-After` says that the database is away or was too slow, and how long it was waited for.
            - 404 says that there is no such thing, or that the database has no tables of it, as one without heartbeats.
            - A browser's preflight for a method or header that is not allowed is answered with 403.
            - Answers have a weak `ETag`, and `If-None-Match` gives 304; `Accept-Encoding: gzip` packs them.
            - A `/` in a UUID is written `%2F`. `HEAD` and `OPTIONS` work on every path.

            ## Options
            """;

    private ApiPage() {}

    /** Returns a document as JSON. */
    static JsonNode json(String yaml) {
        return JsonMapper.shared().valueToTree(new Yaml().<Map<String, Object>>load(yaml));
    }

    static String of(String yaml) {
        List<String> lines = new ArrayList<>(List.of(HEAD, "| option | meaning |\n|--|--|"));
        Program.commandLine(new TelemetryApi(Map.of())).getCommandSpec().options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(ApiPage::row)
                .sorted()
                .forEach(lines::add);
        lines.add("");
        json(yaml)
                .path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> operation(
                                method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                                method.getValue(),
                                lines)));
        return String.join("\n", lines);
    }

    private static void operation(String name, JsonNode operation, List<String> lines) {
        lines.add("## `" + name + "`\n");
        lines.add(operation.path("summary").asString() + ".\n");
        if (operation.has("parameters")) {
            lines.add("| parameter | values | meaning |\n|--|--|--|");
            operation.path("parameters").valueStream().map(ApiPage::row).forEach(lines::add);
            lines.add("");
        }
        lines.add("| status | answer |\n|--|--|");
        operation
                .path("responses")
                .properties()
                .forEach(response -> lines.add("| " + response.getKey() + " | " + answer(response.getValue()) + " |"));
        lines.add("");
    }

    private static String row(OptionSpec option) {
        return "| `" + option.longestName() + "` | " + String.join(" ", option.description()) + " |";
    }

    private static String row(JsonNode parameter) {
        String meaning = parameter.path("description").asString();
        return "| `" + parameter.path("name").asString() + "` | " + values(parameter.path("schema")) + " | " + meaning
                + " |";
    }

    private static String values(JsonNode schema) {
        if (schema.has("enum")) {
            return schema.path("enum").valueStream().map(JsonNode::asString).collect(Collectors.joining(", "));
        }
        if (schema.has("items")) {
            return "any number of " + values(schema.path("items"));
        }
        String range = schema.has("maximum") && schema.path("maximum").asLong() < 100_000
                ? " " + schema.path("minimum").asString() + ".."
                        + schema.path("maximum").asString()
                : "";
        return schema.path("format").asString(schema.path("type").asString()) + range;
    }

    private static String answer(JsonNode response) {
        String types = response.path("content").properties().stream()
                .map(type -> "`" + type.getKey() + "`" + name(type.getValue().path("schema")))
                .collect(Collectors.joining(", "));
        String words = response.path("description").asString();
        return words.equals("OK") ? types : words + (types.isEmpty() ? "" : ": " + types);
    }

    private static String name(JsonNode schema) {
        JsonNode of = schema.has("items") ? schema.path("items") : schema;
        String reference = of.path("$ref").asString("");
        String list = schema.has("items") ? " list of " : " ";
        return reference.isEmpty() ? "" : list + reference.substring(reference.lastIndexOf('/') + 1);
    }
}
