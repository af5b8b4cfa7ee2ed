package io.gpufleet.telemetry.codec;

import com.esotericsoftware.kryo.kryo5.Registration;
import com.esotericsoftware.kryo.kryo5.util.DefaultClassResolver;

/**
 * Registers one class and drops every other registration: Kryo brings serializers of strings and numbers of its own,
 * and a serializer of strings believes the length that it reads. Not thread-safe.
 */
final class OneClassResolver extends DefaultClassResolver {
    private final Class<?> only;

    OneClassResolver(Class<?> only) {
        this.only = only;
    }

    @Override
    public Registration register(Registration registration) {
        return registration.getType() == only ? super.register(registration) : registration;
    }
}
