package io.gpufleet.telemetry.examples.rest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.customizers.PropertyCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.method.HandlerMethod;

/** The parts of the document that all operations share: keys, errors, parameters, and which members are absent. */
@Configuration(proxyBeanMethods = false)
class DocumentConfiguration {
    private static final String EVENTS = org.springframework.http.MediaType.TEXT_EVENT_STREAM_VALUE;
    private static final String OPTIONAL = "x-optional";

    private static final Map<String, String> ERRORS = new TreeMap<>(Map.of(
            "400", "A parameter is wrong: `parameter` names it, `detail` says what is allowed",
            "401", "No valid key",
            "404", "There is no such thing",
            "405", "This path does not have the method: `Allow` names those that it has",
            "406", "`Accept` allows no answer",
            "429", "Too many requests: `Retry-After` says when to ask again",
            "503", "The database is away or too slow: `Retry-After` says when to ask again"));

    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(Question.class);
    }

    @Bean
    OpenAPI document() {
        return new OpenAPI()
                .info(new Info()
                        .title("GPU fleet telemetry")
                        .version("1")
                        .description("Questions about the GPUs of a fleet and their samples. A browser's preflight"
                                + " for a method or header that is not allowed is answered with 403, as a problem."))
                .servers(List.of(new Server().url("/")))
                .components(new Components()
                        .addSecuritySchemes(
                                "key",
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.APIKEY)
                                        .in(SecurityScheme.In.HEADER)
                                        .name("X-API-Key"))
                        .addSecuritySchemes(
                                "bearer",
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("bearer")));
    }

    @Bean
    OperationCustomizer parametersAndErrors() {
        return (operation, handler) -> {
            boolean isOpen = handler.getBeanType() == OpenPages.class;
            operation.setSecurity(isOpen ? List.of() : keys());
            describeIds(operation);
            takes(handler).forEach(parameter -> operation.addParametersItem(parameter.document()));
            if (!isOpen) {
                ERRORS.forEach((status, words) -> addError(operation, status, words));
                addNotModified(operation, handler);
                AbsentTables.contents(handler).ifPresent(contents -> addError(operation, "404", absent(contents)));
            }
            return operation;
        };
    }

    private static List<SecurityRequirement> keys() {
        return List.of(new SecurityRequirement().addList("key"), new SecurityRequirement().addList("bearer"));
    }

    private static Stream<QueryParameter> takes(HandlerMethod handler) {
        Takes takes = handler.getMethodAnnotation(Takes.class);
        return takes == null ? Stream.empty() : Arrays.stream(takes.value());
    }

    /** The id of a path is that of a GPU, unless its handler says otherwise. */
    private static void describeIds(Operation operation) {
        if (operation.getParameters() != null) {
            operation.getParameters().stream()
                    .filter(parameter -> "path".equals(parameter.getIn()) && parameter.getDescription() == null)
                    .forEach(parameter ->
                            parameter.description("The UUID, in any case, or `device:hostname`; `/` as `%2F`."));
        }
    }

    /** Only an answer with an end has a tag. */
    private static void addNotModified(Operation operation, HandlerMethod handler) {
        GetMapping get = handler.getMethodAnnotation(GetMapping.class);
        if (get != null && !List.of(get.produces()).contains(EVENTS)) {
            String words = "`If-None-Match` has the tag of the answer";
            operation.getResponses().addApiResponse("304", new ApiResponse().description(words));
        }
    }

    private static String absent(String contents) {
        return ERRORS.get("404") + ", or this database has no tables of " + contents;
    }

    private static void addError(Operation operation, String status, String words) {
        Schema<?> problem = new Schema<>().$ref("#/components/schemas/Problem");
        Content content = new Content().addMediaType(Problem.MEDIA_TYPE, new MediaType().schema(problem));
        operation
                .getResponses()
                .addApiResponse(status, new ApiResponse().description(words).content(content));
    }

    /** A member that may be absent says so in Java. */
    @Bean
    PropertyCustomizer optionalMembers() {
        return (property, type) -> {
            if (mayBeAbsent(type)) {
                property.addExtension(OPTIONAL, true);
            }
            return property;
        };
    }

    private static boolean mayBeAbsent(AnnotatedType type) {
        return type.getCtxAnnotations() != null
                && Arrays.stream(type.getCtxAnnotations())
                        .anyMatch(annotation -> annotation instanceof JsonInclude include
                                && include.value() != JsonInclude.Include.ALWAYS);
    }

    @Bean
    OpenApiCustomizer requiredMembers() {
        return document -> {
            document.getComponents().addSchemas("Problem", problem());
            document.getComponents().getSchemas().values().forEach(DocumentConfiguration::require);
        };
    }

    private static Schema<?> problem() {
        return ModelConverters.getInstance(true)
                .resolveAsResolvedSchema(new AnnotatedType(Problem.class).resolveAsRef(false))
                .schema;
    }

    private static void require(Schema<?> schema) {
        var members = schema.getProperties(); // the library's type is raw
        if (members == null) {
            return;
        }
        List<String> required = new ArrayList<>();
        members.forEach((name, member) -> {
            if (member.getExtensions() == null || member.getExtensions().remove(OPTIONAL) == null) {
                required.add(name);
            }
        });
        schema.setRequired(required);
    }
}
