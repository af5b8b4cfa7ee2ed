package io.gpufleet.telemetry.testkit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** The topics as one broker sees them; a Kafka client would ask any broker. */
final class BrokerView {
    private static final short VERSION = 12;
    private static final int LIMIT_MILLIS = 5_000;

    private BrokerView() {}

    /** Returns the topic's id; absent if the broker does not know the topic. */
    static Optional<Uuid> topicId(int port, String topic) {
        return ask(port, topic).topicMetadata().stream()
                .map(MetadataResponse.TopicMetadata::topicId)
                .filter(id -> !id.equals(Uuid.ZERO_UUID))
                .findFirst();
    }

    /** Returns the number of partitions with a leader that the broker knows. */
    static long partitionsWithLeader(int port, String topic) {
        return ask(port, topic).topicMetadata().stream()
                .flatMap(found -> found.partitionMetadata().stream())
                .filter(partition -> partition.leaderId.isPresent())
                .count();
    }

    private static MetadataResponse ask(int port, String topic) {
        RequestHeader header = new RequestHeader(ApiKeys.METADATA, VERSION, "telemetry-testkit", 0);
        MetadataRequest request = new MetadataRequest.Builder(List.of(topic), false).build(VERSION);
        try (Socket socket = new Socket()) {
            socket.connect(LoopbackPort.address(port), LIMIT_MILLIS);
            socket.setSoTimeout(LIMIT_MILLIS);
            send(socket, request.serializeWithHeader(header));
            return (MetadataResponse) AbstractResponse.parseResponse(receive(socket), header);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot ask the broker on port " + port, e);
        }
    }

    private static void send(Socket socket, ByteBuffer message) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(message.remaining());
        out.write(message.array(), message.arrayOffset() + message.position(), message.remaining());
        out.flush();
    }

    private static ByteBuffer receive(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        return ByteBuffer.wrap(in.readNBytes(in.readInt()));
    }
}
