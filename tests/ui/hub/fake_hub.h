#pragma once

#include "tests/core/support/weights_bytes.h"
#include "tests/ui/hub/misbehaving_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRegularExpression>

#include <algorithm>
#include <optional>

namespace weighbridge::test {

/// A file of which only the beginning is there; the rest, gigabytes perhaps, is zeros that are made when asked for.
struct ApparentFile
{
    QByteArray beginning;
    qint64 size = 0;

    QByteArray slice(qint64 first, qint64 last) const
    {
        QByteArray bytes = beginning.mid(first, last - first + 1);
        bytes.append(last - first + 1 - bytes.size(), '\0');
        return bytes;
    }
};

/// A Hub with one repository, org/model, that lists its files and answers ranged requests as the real one does, and
/// counts what it sends.
class FakeHub
{
public:
    QMap<QString, ApparentFile> files;
    QMap<QString, qint64> counts; ///< safetensors.parameters
    bool lists = true;
    std::optional<QByteArray> storage; ///< where large files are: the Hub forwards there
    qint64 sent = 0;                   ///< bytes of bodies of files

    void add(const QString& name, const QByteArray& bytes) { files.insert(name, {bytes, bytes.size()}); }

    MisbehavingServer::Handler handler()
    {
        return [this](QTcpSocket& socket, const ServerRequest& request) { answer(socket, request); };
    }

private:
    void answer(QTcpSocket& socket, const ServerRequest& request)
    {
        if (request.target.startsWith("/api/models/org/model/revision/main")) {
            socket.write(lists ? httpAnswer(200, list()) : httpAnswer(404));
            return;
        }
        const QByteArray prefix = storage || request.target.startsWith("/org/") ? "/org/model/resolve/main/" : "/";
        const QString name = QString::fromUtf8(QByteArray::fromPercentEncoding(request.target.mid(prefix.size())));
        const auto file = files.constFind(name);
        if (file == files.cend()) {
            socket.write(httpAnswer(404, {}, "X-Error-Code: EntryNotFound\r\n"));
        } else if (storage && !name.endsWith(QStringLiteral(".json"))) {
            socket.write(httpAnswer(302, "Found", "Location: " + *storage + "/" + name.toUtf8() + "\r\n"));
        } else {
            send(socket, *file, request.header("Range"));
        }
    }

    void send(QTcpSocket& socket, const ApparentFile& file, const QByteArray& range)
    {
        static const QRegularExpression form(QStringLiteral("^bytes=([0-9]+)-([0-9]+)$"));
        const auto match = form.match(QString::fromLatin1(range));
        if (!match.hasMatch()) {
            sent += file.size;
            socket.write(httpAnswer(200, file.slice(0, file.size - 1)));
            return;
        }
        const qint64 first = match.captured(1).toLongLong();
        const qint64 last = std::min(match.captured(2).toLongLong(), file.size - 1);
        sent += last - first + 1;
        socket.write(httpAnswer(206, file.slice(first, last),
                                "Content-Range: bytes " + QByteArray::number(first) + '-' + QByteArray::number(last) +
                                    '/' + QByteArray::number(file.size) + "\r\n"));
    }

    QByteArray list() const
    {
        QJsonArray siblings;
        for (auto file = files.cbegin(); file != files.cend(); ++file)
            siblings.append(
                QJsonObject{{QStringLiteral("rfilename"), file.key()}, {QStringLiteral("size"), file->size}});
        QJsonObject parameters;
        for (auto count = counts.cbegin(); count != counts.cend(); ++count)
            parameters.insert(count.key(), *count);
        return QJsonDocument(QJsonObject{{QStringLiteral("siblings"), siblings},
                                         {QStringLiteral("safetensors"),
                                          QJsonObject{{QStringLiteral("parameters"), parameters}}}})
            .toJson(QJsonDocument::Compact);
    }
};

inline const QByteArray fakeConfig =
    R"({"model_type":"llama","hidden_size":4096,"intermediate_size":16384,"num_hidden_layers":1,)"
    R"("num_attention_heads":32,"vocab_size":32000,"tie_word_embeddings":true,"torch_dtype":"bfloat16"})";

/// The safetensors file of fakeConfig in a type of so many bytes, cut behind its header. `part`: 0 all tensors; 1 the
/// embedding and the norm; 2 the layer.
inline ApparentFile fakeSafetensors(const QByteArray& type, qint64 width, int part = 0)
{
    QByteArray header = "{";
    qint64 data = 0;
    const auto add = [&](const QByteArray& name, qint64 rows, qint64 columns) {
        const qint64 end = data + rows * columns * width;
        header += (header.size() > 1 ? "," : "") + ("\"" + name + R"(":{"dtype":")" + type + R"(","shape":[)") +
                  QByteArray::number(rows) + (columns == 1 ? QByteArray() : "," + QByteArray::number(columns)) +
                  R"(],"data_offsets":[)" + QByteArray::number(data) + ',' + QByteArray::number(end) + "]}";
        data = end;
    };
    if (part != 2) {
        add("model.embed_tokens.weight", 32000, 4096);
        add("model.norm.weight", 4096, 1);
    }
    if (part != 1) {
        for (const char* name : {"q_proj", "k_proj", "v_proj", "o_proj"})
            add("model.layers.0.self_attn." + QByteArray(name) + ".weight", 4096, 4096);
        add("model.layers.0.mlp.gate_proj.weight", 16384, 4096);
        add("model.layers.0.mlp.up_proj.weight", 16384, 4096);
        add("model.layers.0.mlp.down_proj.weight", 4096, 16384);
        add("model.layers.0.input_layernorm.weight", 4096, 1);
        add("model.layers.0.post_attention_layernorm.weight", 4096, 1);
    }
    header += "}";
    const QByteArray bytes = QByteArray::fromStdString(testing::safetensors_bytes(header.toStdString()));
    return {bytes, bytes.size() + data};
}

/// A Llama of one layer in F16 as a GGUF file with a vocabulary of `tokens`, cut behind its header.
inline ApparentFile fakeGguf(std::size_t tokens)
{
    testing::GgufBytes file;
    file.string("general.architecture", "llama")
        .string("general.name", "Fake")
        .u32("llama.block_count", 1)
        .u32("llama.embedding_length", 4096)
        .u32("llama.feed_forward_length", 16384)
        .u32("llama.attention.head_count", 32)
        .strings("tokenizer.ggml.tokens", tokens, "a token");
    std::uint64_t data = 0;
    const auto add = [&](const char* name, const std::vector<std::uint64_t>& shape) {
        const bool matrix = shape.size() == 2;
        file.tensor(name, shape, matrix ? 1 : 0, data);
        data += matrix ? shape[0] * shape[1] * 2 : shape[0] * 4;
    };
    add("token_embd.weight", {4096, tokens});
    add("output_norm.weight", {4096});
    add("blk.0.attn_norm.weight", {4096});
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
        add(("blk.0." + std::string(name) + ".weight").c_str(), {4096, 4096});
    add("blk.0.ffn_norm.weight", {4096});
    add("blk.0.ffn_gate.weight", {4096, 16384});
    add("blk.0.ffn_up.weight", {4096, 16384});
    add("blk.0.ffn_down.weight", {16384, 4096});
    const QByteArray bytes = QByteArray::fromStdString(file.bytes());
    return {bytes, bytes.size() + static_cast<qint64>(data)};
}

} // namespace weighbridge::test
