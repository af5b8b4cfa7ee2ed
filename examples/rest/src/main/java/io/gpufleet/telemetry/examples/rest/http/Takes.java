package io.gpufleet.telemetry.examples.rest.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The parameters of a query that a handler takes: those that are known, documented, and read from {@link Question}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Takes {
    /**
     * Returns the parameters.
     *
     * @return the parameters, in the order of the documentation
     */
    QueryParameter[] value();
}
