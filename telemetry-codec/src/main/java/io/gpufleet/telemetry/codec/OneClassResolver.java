package io.gpufleet.telemetry.codec;

import com.esotericsoftware.kryo.kryo5.Registration;
import com.esotericsoftware.kryo.kryo5.util.DefaultClassResolver;

/**
 * A class resolver that registers one class and drops every other registration: Kryo registers its own serializers of
 * strings and numbers, and that of strings trusts the length that it reads. Not thread-safe.
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
