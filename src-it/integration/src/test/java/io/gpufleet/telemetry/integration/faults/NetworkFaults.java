package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/** The faults between the consumers and a server. Immutable. */
final class NetworkFaults {
    private static final int SLOW_BYTES_PER_SECOND = 50_000;
    private static final Duration SLOW = Duration.ofMillis(200);

    private final Function<FaultSite, TcpProxy> network;

    NetworkFaults(Function<FaultSite, TcpProxy> network) {
        this.network = network;
    }

    /** Cuts all connections once. */
    Fault.Aftermath cut(FaultSite site) {
        network.apply(site).cut();
        return Fault.Aftermath.NONE;
    }

    /** Refuses connections. */
    Fault.Aftermath refuse(FaultSite site) throws InterruptedException {
        return forAWhile(site, TcpProxy::refuse);
    }

    /** Holds all data. */
    Fault.Aftermath hold(FaultSite site) throws InterruptedException {
        return forAWhile(site, TcpProxy::hold);
    }

    /** Delays or throttles all data. */
    Fault.Aftermath slow(FaultSite site) throws InterruptedException {
        boolean late = site.random().nextBoolean();
        return forAWhile(site, late ? proxy -> proxy.delay(SLOW) : proxy -> proxy.throttle(SLOW_BYTES_PER_SECOND));
    }

    private Fault.Aftermath forAWhile(FaultSite site, Consumer<TcpProxy> begin) throws InterruptedException {
        begin.accept(network.apply(site));
        site.waitAWhile();
        network.apply(site).heal();
        return Fault.Aftermath.NONE;
    }
}
