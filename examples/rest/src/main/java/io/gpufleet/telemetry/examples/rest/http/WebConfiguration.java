package io.gpufleet.telemetry.examples.rest.http;

import java.time.Duration;
import java.util.List;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.core.StreamWriteFeature;

/** The settings of container, dispatcher and JSON. Immutable. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration implements WebMvcConfigurer {
    /** A type that nothing has, for a request that accepts none: without any type, no error would find its handler. */
    private static final MediaType NONE = new MediaType("application", "vnd.none");

    /** The longest wait for the next bytes of a body: it keeps a thread. */
    private static final Duration BODY_STALL = Duration.ofSeconds(3);

    private final ParameterCheck parameters = new ParameterCheck();

    @Override
    public void configureContentNegotiation(ContentNegotiationConfigurer types) {
        types.strategies(List.of(WebConfiguration::accepted));
    }

    /** Without the parameters, of which a charset would be obeyed: JSON is UTF-8. */
    private static List<MediaType> accepted(NativeWebRequest request) throws HttpMediaTypeNotAcceptableException {
        List<MediaType> types = new HeaderContentNegotiationStrategy()
                .resolveMediaTypes(request).stream()
                        .filter(type -> type.getQualityValue() > 0)
                        .map(type -> new MediaType(type.getType(), type.getSubtype()))
                        .toList();
        return types.isEmpty() ? List.of(NONE) : types;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(parameters);
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(parameters);
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        // The first one has the initializer that names our document.
        registry.addResourceHandler(OpenPaths.PAGE + "**")
                .addResourceLocations(
                        "classpath:/swagger/", "classpath:/META-INF/resources/webjars/swagger-ui/5.34.1/");
    }

    @Override
    public void addViewControllers(ViewControllerRegistry registry) {
        registry.addViewController(OpenPaths.PAGE).setViewName("forward:" + OpenPaths.PAGE + "index.html");
    }

    /** A UUID of an old driver has slashes, which stand in a path as %2F. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> slashesInIds() {
        return factory -> {
            factory.addConnectorCustomizers(
                    connector -> connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue()));
            factory.addContextCustomizers(
                    context -> context.getParent().getPipeline().addValve(new ProblemValve()));
        };
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> unreadBodies() {
        return factory -> {
            factory.addConnectorCustomizers(connector -> {
                connector.setProperty("disableUploadTimeout", "false");
                connector.setProperty("connectionUploadTimeout", Long.toString(BODY_STALL.toMillis()));
            });
            factory.addEngineValves(new BodyDrain());
        };
    }

    /** Java 17 itself does not always write the shortest text of a double. */
    @Bean
    JsonMapperBuilderCustomizer shortestDoubles() {
        return builder -> builder.enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER);
    }
}
