package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.query.QueryTexts;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The parameters of a query, checked: each is known, none is empty, and those with one value stand once. Immutable. */
public final class Question {
    private final Map<String, List<String>> values;

    Question(Map<String, List<String>> values) {
        this.values = values;
    }

    /**
     * Returns a text.
     *
     * @param parameter the parameter
     * @return the text, absent if it was not sent
     */
    public Optional<String> text(QueryParameter parameter) {
        return texts(parameter).stream().findFirst();
    }

    /**
     * Returns the texts of some parameters.
     *
     * @param parameters names of one thing
     * @return the texts in the order of the parameters, then in that of the URL
     */
    public List<String> texts(QueryParameter... parameters) {
        return Stream.of(parameters)
                .flatMap(parameter -> values.getOrDefault(parameter.text(), List.of()).stream())
                .toList();
    }

    /**
     * Returns the size of the page.
     *
     * @param usual the size if none was sent
     * @return 1 to 1000
     */
    public int limit(int usual) {
        return read(QueryParameter.LIMIT, QueryTexts::limit).orElse(usual);
    }

    /**
     * Returns the number of rows to leave out.
     *
     * @return 0 or more; 0 if none was sent
     */
    public long offset() {
        return read(QueryParameter.OFFSET, QueryTexts::offset).orElse(0L);
    }

    /**
     * Returns the first instant.
     *
     * @return the instant, absent if it was not sent
     */
    public Optional<Instant> startTime() {
        return read(QueryParameter.START_TIME, QueryTexts::startTime);
    }

    /**
     * Returns the last instant.
     *
     * @return the instant, absent if it was not sent
     */
    public Optional<Instant> endTime() {
        return read(QueryParameter.END_TIME, QueryTexts::endTime);
    }

    /**
     * Returns an instant since which something holds.
     *
     * @param parameter the parameter
     * @return the instant, absent if it was not sent
     */
    public Optional<Instant> since(QueryParameter parameter) {
        return read(parameter, text -> QueryTexts.startTime(parameter.text(), text));
    }

    /**
     * Returns a day.
     *
     * @param parameter the parameter
     * @return the day, absent if it was not sent
     */
    public Optional<LocalDate> day(QueryParameter parameter) {
        return read(parameter, text -> QueryTexts.date(parameter.text(), text));
    }

    /**
     * Returns the scope.
     *
     * @return the scope, absent if it was not sent
     */
    public Optional<Scope> scope() {
        return wholeNumber(QueryParameter.SCOPE, 0, Scope.values().length - 1).map(Scope::of);
    }

    /**
     * Returns a whole number.
     *
     * @param parameter the parameter
     * @param smallest the smallest number that is allowed
     * @param largest the largest number that is allowed, below 1000
     * @return the number, absent if it was not sent
     * @throws ProblemException if the text is something else
     */
    public Optional<Integer> wholeNumber(QueryParameter parameter, int smallest, int largest) {
        return read(parameter, text -> {
            int number = text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
            if (number < smallest || number > largest) {
                throw refused(parameter, smallest + ".." + largest, text);
            }
            return number;
        });
    }

    /**
     * Returns a truth.
     *
     * @param parameter the parameter
     * @return whether it was sent as {@code true}
     * @throws ProblemException if it is neither {@code true} nor {@code false}
     */
    public boolean isTrue(QueryParameter parameter) {
        return read(parameter, text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw refused(parameter, "true or false", text);
                })
                .orElse(false);
    }

    /**
     * Checks that at most one of two parameters was sent.
     *
     * @param parameter the parameter at fault if both were
     * @param other the other one
     * @throws ProblemException if both were sent
     */
    public void requireNotBoth(QueryParameter parameter, QueryParameter other) {
        if (values.containsKey(parameter.text()) && values.containsKey(other.text())) {
            String words = "give " + parameter.text() + " or " + other.text() + ", not both";
            throw new ProblemException(400, parameter.text(), words);
        }
    }

    /**
     * Returns the refusal of a question without a parameter that must be there.
     *
     * @param parameter the parameter
     * @return an exception to throw
     */
    public static ProblemException missing(QueryParameter parameter) {
        return new ProblemException(400, parameter.text(), parameter.text() + " is missing");
    }

    /**
     * Returns the refusal of a parameter with several values.
     *
     * @param name its name
     * @return an exception to throw
     */
    public static ProblemException twice(String name) {
        return new ProblemException(400, name, name + " stands twice");
    }

    private static ProblemException refused(QueryParameter parameter, String allowed, String text) {
        return new ProblemException(400, parameter.text(), parameter.text() + " must be " + allowed + ", was " + text);
    }

    /**
     * Reads a text.
     *
     * @param parameter the parameter
     * @param reader a reader that refuses what has another form
     * @param <V> the value
     * @return the value, absent if it was not sent
     */
    public <V> Optional<V> read(QueryParameter parameter, Function<String, V> reader) {
        return text(parameter).map(reader);
    }
}
