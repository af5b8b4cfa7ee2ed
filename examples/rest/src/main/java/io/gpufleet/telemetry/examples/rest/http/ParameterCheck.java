package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.examples.options.NearestName;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * The check of a query against the parameters that its handler takes, before the handler is called. A misspelt filter
 * would otherwise answer with everything. Thread-safe.
 */
final class ParameterCheck implements HandlerInterceptor, HandlerMethodArgumentResolver {
    private static final String QUESTION = Question.class.getName();
    private static final String PATHS = "/api/v1/";

    private final Map<Method, Map<String, Boolean>> repeatableByName = new ConcurrentHashMap<>();

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method && isQuestion(request)) {
            Map<String, List<String>> values = QueryString.parse(request.getQueryString());
            Map<String, Boolean> known =
                    repeatableByName.computeIfAbsent(method.getMethod(), absent -> repeatableByName(method));
            values.forEach((name, texts) -> check(name, texts, known));
            request.setAttribute(QUESTION, new Question(values));
            answerInJson(request);
        }
        return true;
    }

    /** OPTIONS is about a path, whatever its query. */
    private static boolean isQuestion(HttpServletRequest request) {
        return pattern(request).startsWith(PATHS) && !HttpMethod.OPTIONS.matches(request.getMethod());
    }

    /** A path can be written in many ways, as /%61pi/v1/gpus: its pattern alone names the handler. */
    private static String pattern(HttpServletRequest request) {
        return String.valueOf(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
    }

    /** Without it, an error's media type would be taken for that of an answer, too. */
    private static void answerInJson(HttpServletRequest request) {
        if (request.getAttribute(HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE) == null) {
            request.setAttribute(HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE, Set.of(MediaType.APPLICATION_JSON));
        }
    }

    private static void check(String name, List<String> texts, Map<String, Boolean> known) {
        Boolean repeatable = known.get(name);
        if (repeatable == null) {
            throw new ProblemException(400, name, unknown(name, known.keySet()));
        }
        if (!repeatable && texts.size() > 1) {
            throw Question.twice(name);
        }
        if (texts.contains("")) {
            throw new ProblemException(400, name, name + " must not be empty");
        }
        if (texts.stream().anyMatch(text -> text.indexOf('\0') >= 0)) {
            throw new ProblemException(400, name, name + " must not contain the character U+0000");
        }
    }

    private static String unknown(String name, Collection<String> known) {
        return "parameter \"" + name + "\" is not known; "
                + (known.isEmpty() ? "there are none here" : "did you mean " + NearestName.of(name, known) + "?");
    }

    private static Map<String, Boolean> repeatableByName(HandlerMethod handler) {
        Map<String, Boolean> names = new TreeMap<>();
        Takes takes = handler.getMethodAnnotation(Takes.class);
        for (QueryParameter parameter : takes == null ? new QueryParameter[0] : takes.value()) {
            names.put(parameter.text(), parameter.isRepeatable());
        }
        for (MethodParameter parameter : handler.getMethodParameters()) {
            RequestParam named = parameter.getParameterAnnotation(RequestParam.class);
            if (named != null) {
                names.put(name(named, parameter), Collection.class.isAssignableFrom(parameter.getParameterType()));
            }
        }
        return names;
    }

    private static String name(RequestParam named, MethodParameter parameter) {
        return named.name().isEmpty() ? String.valueOf(parameter.getParameter().getName()) : named.name();
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Question.class;
    }

    @Override
    public @Nullable Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        return request.getAttribute(QUESTION, RequestAttributes.SCOPE_REQUEST);
    }
}
