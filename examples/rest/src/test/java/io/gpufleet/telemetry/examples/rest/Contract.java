package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The check of answers against the document: status, media type, and each member of the body. Thread-safe. */
public final class Contract {
    private final JsonNode document;
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
    private final Map<JsonNode, Schema> known = new ConcurrentHashMap<>();

    private Contract(JsonNode document) {
        this.document = document;
        document.path("components").path("schemas").forEach(schema -> {
            if (schema.has("properties")) {
                ((ObjectNode) schema).put("additionalProperties", false);
            }
        });
    }

    /** Reads the document of the module. */
    public static Contract read() throws IOException {
        return new Contract(ApiPage.json(Files.readString(Path.of("openapi.yaml"))));
    }

    JsonNode paths() {
        return document.path("paths");
    }

    /** Checks an answer of an operation, named as {@code get /health}. */
    public void check(String method, String path, Answer answer) {
        String what = method + " " + path + ": " + answer.status() + " " + answer.text();
        JsonNode response = paths().path(path).path(method).path("responses").path(Integer.toString(answer.status()));
        assertThat(response.isMissingNode()).as("undocumented: " + what).isFalse();
        String type = answer.header("Content-Type").replaceFirst(";.*", "");
        JsonNode content = response.path("content").path(type);
        assertThat(content.isMissingNode()).as(type + " of " + what).isFalse();
        if (type.endsWith("json")) {
            assertThat(errors(content.path("schema"), answer)).as(what).isEmpty();
        }
    }

    private List<Error> errors(JsonNode schema, Answer answer) {
        Schema compiled = known.computeIfAbsent(schema, absent -> {
            ObjectNode whole = JsonMapper.shared().createObjectNode();
            whole.setAll((ObjectNode) schema);
            whole.set("components", document.path("components"));
            return schemas.getSchema(whole);
        });
        return compiled.validate(answer.json());
    }
}
