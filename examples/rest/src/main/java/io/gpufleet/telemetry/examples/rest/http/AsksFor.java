package io.gpufleet.telemetry.examples.rest.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The contents of a database that a controller needs. A database without their tables is answered with 404. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface AsksFor {
    /**
     * Returns the contents.
     *
     * @return a plural noun, for example {@code heartbeats}
     */
    String value();
}
