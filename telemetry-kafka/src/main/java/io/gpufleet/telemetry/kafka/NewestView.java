package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.kafka.BrokerView.TopicView;
import io.gpufleet.telemetry.kafka.internal.MixedClustersException;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The choice of the broker to believe: the one that is farthest in the cluster's metadata log. If all are behind the
 * farthest offset ever seen, none is believed: a broker that has lost its controllers may still answer with the id of a
 * deleted topic. Not thread-safe.
 */
final class NewestView {
    private String clusterId = "";
    private long farthest = -1;

    /**
     * Returns the valid view.
     *
     * @param all the views of all brokers that have answered, at least one
     * @throws TopicAdmin.ClusterException if all of them are behind, or if they contradict each other and do not say
     *     how far they are
     */
    BrokerView of(Collection<BrokerView> all) {
        List<BrokerView> views = ofOneCluster(all);
        BrokerView newest = views.stream()
                .max(Comparator.comparingLong(BrokerView::metadataOffset))
                .orElseThrow();
        if (!newest.clusterId().equals(clusterId)) {
            clusterId = newest.clusterId();
            farthest = -1;
        }
        if (newest.metadataOffset() < farthest) {
            throw doubt("broker " + newest.broker() + " is behind: it knows the cluster's metadata up to "
                    + newest.metadataOffset() + ", but " + farthest + " was seen before; the others do not answer");
        }
        boolean unordered = views.stream().anyMatch(view -> view.metadataOffset() < 0);
        if (unordered && views.stream().map(NewestView::ids).distinct().count() > 1) {
            throw doubt("brokers contradict each other, and do not say which of them is behind");
        }
        farthest = newest.metadataOffset();
        return newest;
    }

    /**
     * Returns the views of the accepted cluster: a removed broker may have left its address to a broker of another
     * cluster, whose offsets mean nothing here. Before a cluster is accepted, none of several is.
     */
    List<BrokerView> ofOneCluster(Collection<BrokerView> all) {
        List<BrokerView> known =
                all.stream().filter(view -> view.clusterId().equals(clusterId)).toList();
        if (known.isEmpty()
                && all.stream().map(BrokerView::clusterId).distinct().count() > 1) {
            throw TopicAdmin.failure("know the topics", new MixedClustersException(whoIsWhere(all)));
        }
        return known.isEmpty() ? List.copyOf(all) : known;
    }

    private static String whoIsWhere(Collection<BrokerView> all) {
        return all.stream()
                .map(view -> view.node().host() + ":" + view.node().port() + " is of cluster " + view.clusterId())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    /** Returns the accepted cluster; absent before the first accepted broker. */
    Optional<String> clusterId() {
        return Optional.of(clusterId).filter(id -> !id.isEmpty());
    }

    private static Map<String, Object> ids(BrokerView view) {
        return view.topics().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, topic -> topic.getValue().id()));
    }

    /** Returns the brokers with an earlier log of a topic, which they may still serve. */
    static List<Integer> withEarlierLog(String topic, BrokerView newest, Collection<BrokerView> views) {
        TopicView now = newest.topics().get(topic);
        return views.stream()
                .filter(view -> view.clusterId().equals(newest.clusterId()))
                .filter(view -> now != null && knowsAnother(view.topics().get(topic), now))
                .map(BrokerView::broker)
                .sorted()
                .toList();
    }

    private static boolean knowsAnother(@Nullable TopicView known, TopicView now) {
        return known != null && !known.id().equals(now.id());
    }

    private static TopicAdmin.ClusterException doubt(String why) {
        return TopicAdmin.failure("know the topics", new TimeoutException(why));
    }
}
