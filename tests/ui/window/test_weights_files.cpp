// Weights files in the window: read off its thread, with progress, cancelled, refused, remembered.

#include "tests/core/support/weights_bytes.h"
#include "tests/ui/window/window_fixture.h"

#include "core/precision/stored_type.h"
#include "ui/models/model_source.h"
#include "ui/views/model_panel.h"

#include <nlohmann/json.hpp>

#include <QApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QMimeData>
#include <QPushButton>

namespace weighbridge::test {

namespace {

using testing::GgufBytes;
using testing::little_endian;

constexpr std::uint32_t f32 = 0, q4_k = 12, q6_k = 14;

GgufBytes keys()
{
    GgufBytes file;
    file.string("general.architecture", "llama")
        .string("general.name", "Small")
        .u32("general.file_type", 15)
        .u32("llama.block_count", 1)
        .u32("llama.context_length", 4096)
        .u32("llama.embedding_length", 256)
        .u32("llama.feed_forward_length", 512)
        .u32("llama.attention.head_count", 4)
        .u32("llama.attention.head_count_kv", 2);
    return file;
}

/// A Llama of one layer, all matrices in Q4_K but the head, and so many bytes of tensors.
QByteArray smallGguf(std::int64_t& bytes)
{
    GgufBytes file = keys();
    std::uint64_t data = 0;
    bytes = 0;
    const auto add = [&](const char* name, const std::vector<std::uint64_t>& shape, std::uint32_t type) {
        std::int64_t elements = 1;
        for (const std::uint64_t size : shape)
            elements *= static_cast<std::int64_t>(size);
        file.tensor(name, shape, type, data);
        const std::int64_t size = *bytes_stored(*ggml_type(type), elements);
        bytes += size;
        data += static_cast<std::uint64_t>(size + 31) / 32 * 32;
    };
    file.strings("tokenizer.ggml.tokens", 1000, "tok");
    add("token_embd.weight", {256, 1000}, q4_k);
    add("output_norm.weight", {256}, f32);
    add("output.weight", {256, 1000}, q6_k);
    add("blk.0.attn_norm.weight", {256}, f32);
    add("blk.0.attn_q.weight", {256, 256}, q4_k);
    add("blk.0.attn_k.weight", {256, 128}, q4_k);
    add("blk.0.attn_v.weight", {256, 128}, q4_k);
    add("blk.0.attn_output.weight", {256, 256}, q4_k);
    add("blk.0.ffn_norm.weight", {256}, f32);
    add("blk.0.ffn_gate.weight", {256, 512}, q4_k);
    add("blk.0.ffn_up.weight", {256, 512}, q4_k);
    add("blk.0.ffn_down.weight", {512, 256}, q4_k);
    return QByteArray::fromStdString(file.bytes(data));
}

class WeightsFiles : public WindowTest
{
protected:
    QString status() const { return find<QLabel>(u"hub.status"_s)->text(); }
    bool busy() const { return find<QPushButton>(u"hub.fetch"_s)->text() == u"Cancel"_s; }
    bool titled(const QString& name)
    {
        const bool came = QTest::qWaitFor([&] { return window->windowTitle().startsWith(name + u" on"_s); }, 10'000);
        settle();
        return came;
    }
    const Term& weights() { return session().state().estimate->terms.front(); }

    /// A list of 16 million empty texts in a hole of the file: 128 MiB to walk through, and hardly a byte on disk.
    QString slowFile()
    {
        GgufBytes file = keys();
        file.entry("tokenizer.ggml.tokens", 9, little_endian(8, 4) + little_endian(16'000'000, 8));
        const QString path = write(u"slow.gguf"_s, QByteArray::fromStdString(file.bytes()));
        EXPECT_TRUE(QFile::resize(path, qint64{16'000'000} * 8 + 4096));
        return path;
    }
};

TEST_F(WeightsFiles, AGgufFileIsOpenedWithItsSizesInOneUndoStep)
{
    std::int64_t bytes = 0;
    open();
    nextPath = write(u"small.gguf"_s, smallGguf(bytes));
    trigger(u"file.open"_s);
    ASSERT_TRUE(titled(u"Small"_s)) << status().toStdString();
    EXPECT_EQ(session().undoStack().count(), 1);
    EXPECT_EQ(weights().bytes.count, bytes);
    EXPECT_EQ(weights().basis, Basis::exact);
    EXPECT_EQ(session().scenario().precision.weights, std::nullopt) << "nobody chose";
    EXPECT_TRUE(status().contains(u"exact (file): small.gguf"_s)) << status().toStdString();
    EXPECT_TRUE(status().contains(u"the rule makes"_s)) << status().toStdString();
    EXPECT_FALSE(busy());

    // Part by part and type by type, against the rule: llama-quantize makes the first half of attn_v Q6_K.
    const auto* stored = window->findChild<FigureList*>(u"storedWeights"_s);
    ASSERT_NE(stored, nullptr);
    QStringList rows;
    for (const FigureList::Row& row : stored->rows())
        rows += row.name + u" | "_s + row.formula;
    const QString all = rows.join(u'\n');
    EXPECT_TRUE(all.contains(u"Attention | Q4_K; the rule makes"_s)) << all.toStdString();
    EXPECT_TRUE(all.contains(u"Q6_K | 256,000 elements in 1 tensors; the rule makes"_s)) << all.toStdString();
    EXPECT_EQ(stored->rows().back().name, u"Total"_s);

    press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(window->windowTitle().startsWith(u"Llama-3.1-8B on"_s));
    EXPECT_EQ(window->findChild<FigureList*>(u"storedWeights"_s), nullptr);
}

TEST_F(WeightsFiles, AFolderWithShardsIsDropped)
{
    open();
    QDir(folder.path()).mkpath(u"tiny"_s);
    write(u"tiny/config.json"_s,
          R"({"model_type":"llama","hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,"num_attention_heads":2,
              "vocab_size":10,"tie_word_embeddings":true,"torch_dtype":"bfloat16"})");
    nlohmann::ordered_json header;
    std::size_t data = 0;
    const auto add = [&](const std::string& name, std::vector<std::size_t> shape) {
        std::size_t size = 4;
        for (const std::size_t extent : shape)
            size *= extent;
        header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {data, data + size}}};
        data += size;
    };
    add("model.embed_tokens.weight", {10, 8});
    add("model.norm.weight", {8});
    for (const char* name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"})
        add("model.layers.0." + std::string(name) + ".weight", {8, 8});
    add("model.layers.0.mlp.gate_proj.weight", {16, 8});
    add("model.layers.0.mlp.up_proj.weight", {16, 8});
    add("model.layers.0.mlp.down_proj.weight", {8, 16});
    add("model.layers.0.input_layernorm.weight", {8});
    add("model.layers.0.post_attention_layernorm.weight", {8});
    write(u"tiny/model.safetensors"_s, QByteArray::fromStdString(testing::safetensors_bytes(header.dump(), data)));
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(folder.filePath(u"tiny"_s))});
    QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(window.get(), &enter);
    QDropEvent event(QPointF(400, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(window.get(), &event);
    ASSERT_TRUE(titled(u"tiny"_s)) << status().toStdString();
    EXPECT_EQ(weights().bytes.count, static_cast<std::int64_t>(data));
    // The config's rule is 2 bytes each, the file holds 4.
    EXPECT_TRUE(toQt(weights().source).contains(u"less"_s)) << weights().source;
}

TEST_F(WeightsFiles, ReadingLeavesTheWindowFreeAndCanBeCancelled)
{
    open();
    const Scenario before = session().scenario();
    window->openPath(slowFile());
    EXPECT_TRUE(busy()) << "openPath waited for the file";
    EXPECT_TRUE(status().contains(u"slow.gguf"_s)) << status().toStdString();
    type(u"inference.sequence_length"_s, u"4096"_s);
    EXPECT_EQ(session().scenario().inference.sequence_length, 4096);
    find<QPushButton>(u"hub.fetch"_s)->click();
    EXPECT_FALSE(busy());
    EXPECT_EQ(status(), u"Cancelled."_s);
    QTest::qWait(50);
    EXPECT_EQ(session().scenario().model, before.model);
}

TEST_F(WeightsFiles, ClosingTheWindowEndsTheReading)
{
    open();
    window->openPath(slowFile());
    close();
    SUCCEED();
}

TEST_F(WeightsFiles, TheLastFileOpenedWins)
{
    std::int64_t bytes = 0;
    open();
    const QString small = write(u"small.gguf"_s, smallGguf(bytes));
    window->openPath(slowFile());
    window->openPath(small);
    ASSERT_TRUE(titled(u"Small"_s)) << status().toStdString();
    QTest::qWait(100);
    EXPECT_EQ(session().undoStack().count(), 1);
}

TEST_F(WeightsFiles, AModelThatIsThereAtOnceTakesThePlaceOfTheOneBeingRead)
{
    std::int64_t bytes = 0;
    open();
    const QString small = write(u"small.gguf"_s, smallGguf(bytes));
    const QString scenario = write(u"q.json"_s, R"({"version": 1, "model": "Qwen3-8B", "task": "inference"})");
    for (const QString& file : {slowFile(), small}) {
        window->openPath(file);
        ASSERT_TRUE(busy());
        window->openPath(scenario);
        EXPECT_FALSE(busy());
        QTest::qWait(100); // for a reader that was not stopped
        EXPECT_EQ(session().model()->name, "Qwen3-8B");
        EXPECT_FALSE(status().contains(u".gguf"_s)) << status().toStdString();
    }
    // A file that the last session ended with, and the scenario that the program was started with.
    window->openPath(small);
    ASSERT_TRUE(titled(u"Small"_s));
    open();
    window->openPath(scenario);
    QTest::qWait(100);
    EXPECT_EQ(session().model()->name, "Qwen3-8B");
}

TEST_F(WeightsFiles, WhatIsNoModelIsSaidWithKeyAndValueAndChangesNothing)
{
    open();
    const Scenario before = session().scenario();
    const std::pair<QByteArray, const char*> bad[] = {
        {"GGUF", "reading the version"},
        {"", "does not begin with"},
        {QByteArray::fromStdString(GgufBytes().string("general.architecture", "marmot").bytes()),
         "marmot.embedding_length is missing"},
        {QByteArray::fromStdString(GgufBytes().string("general.architecture", "llama").bytes()),
         "llama.embedding_length is missing"},
        {QByteArray::fromStdString(
             GgufBytes().entry("x", 9, little_endian(8, 4) + little_endian(~std::uint64_t{0}, 8)).bytes()),
         "the length of \"x\" is 18446744073709551615"},
    };
    for (const auto& [file, says] : bad) {
        window->openPath(write(u"bad.gguf"_s, file));
        EXPECT_TRUE(QTest::qWaitFor([&] { return !busy(); }, 5000));
        EXPECT_TRUE(status().contains(QString::fromLatin1(says))) << status().toStdString() << "\nwanted " << says;
        EXPECT_TRUE(status().contains(u"bad.gguf"_s));
        // Where the text is long (all architectures that are known), the rest is in the tool tip.
        EXPECT_TRUE(find(u"hub.id"_s)->accessibleDescription().startsWith(status().remove(u" …"_s)));
        EXPECT_LT(status().size(), 310);
        EXPECT_EQ(session().scenario(), before);
    }
    window->openPath(write(u"bad.safetensors"_s, "xx"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return !busy(); }, 5000));
    EXPECT_TRUE(status().contains(u"it is no safetensors file"_s)) << status().toStdString();
    EXPECT_EQ(session().undoStack().count(), 0);
}

TEST_F(WeightsFiles, TheNextStartReadsTheFileAgain)
{
    std::int64_t bytes = 0;
    open();
    const QString path = write(u"small.gguf"_s, smallGguf(bytes));
    window->openPath(path);
    ASSERT_TRUE(titled(u"Small"_s));
    type(u"inference.sequence_length"_s, u"2048"_s);
    open();
    ASSERT_TRUE(titled(u"Small"_s)) << status().toStdString();
    EXPECT_EQ(weights().bytes.count, bytes);
    EXPECT_EQ(session().scenario().inference.sequence_length, 2048);
    EXPECT_EQ(session().undoStack().count(), 0);

    QFile::remove(path);
    open();
    EXPECT_TRUE(QTest::qWaitFor([&] { return !busy(); }, 5000));
    EXPECT_TRUE(status().contains(u"there is no such file"_s)) << status().toStdString();
}

TEST_F(WeightsFiles, SizesOfAFileGoOverWhatWasTriedBefore)
{
    std::int64_t bytes = 0;
    const QString path = write(u"small.gguf"_s, smallGguf(bytes));
    open();
    open(); // the settings name no precision, as nobody chose one
    EXPECT_EQ(session().scenario().precision.weights, std::nullopt);
    window->openPath(path);
    ASSERT_TRUE(titled(u"Small"_s));
    EXPECT_EQ(weights().bytes.count, bytes);

    press(Qt::Key_Z, Qt::ControlModifier);
    session().setField(u"precision.weights"_s, u"fp8"_s);
    settle();
    window->openPath(path);
    ASSERT_TRUE(titled(u"Small"_s));
    EXPECT_EQ(weights().bytes.count, bytes);
    press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(session().scenario().precision.weights, "fp8");
}

TEST_F(WeightsFiles, AScenarioNamesAFileBesideIt)
{
    std::int64_t bytes = 0;
    open();
    write(u"small.gguf"_s, smallGguf(bytes));
    window->openPath(
        write(u"scenario.json"_s, R"({"model": {"path": "small.gguf"}, "inference": {"sequence_length": 2048}})"));
    ASSERT_TRUE(titled(u"Small"_s)) << status().toStdString() << messageText().toStdString();
    EXPECT_EQ(weights().bytes.count, bytes);
    EXPECT_EQ(session().scenario().inference.sequence_length, 2048);
    EXPECT_EQ(session().undoStack().count(), 1);
}

TEST_F(WeightsFiles, EditingTheNetworkLeavesTheSizesOfTheFileAndSaysSo)
{
    std::int64_t bytes = 0;
    open();
    window->openPath(write(u"small.gguf"_s, smallGguf(bytes)));
    ASSERT_TRUE(titled(u"Small"_s));
    type(u"model.num_layers"_s, u"2"_s);
    EXPECT_EQ(weights().basis, Basis::derived);
    EXPECT_TRUE(toQt(weights().source).contains(u"GGUF Q4_K_M"_s)) << weights().source;
    const bool said = std::any_of(session().issues().begin(), session().issues().end(), [](const Issue& issue) {
        return issue.message.find("The sizes in the file are those of the network as it was") != std::string::npos;
    });
    EXPECT_TRUE(said);
    type(u"model.num_layers"_s, u"1"_s);
    EXPECT_EQ(weights().bytes.count, bytes);
}

} // namespace

} // namespace weighbridge::test
