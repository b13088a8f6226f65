#include "tests/ui/window/window_fixture.h"

#include "core/sources/presets.h"
#include "ui/form/choice_edit.h"
#include "ui/form/form_field.h"
#include "ui/form/issue_bar.h"
#include "ui/widgets/elided_label.h"

#include <QApplication>
#include <QCheckBox>
#include <QWheelEvent>

namespace weighbridge::test {

namespace {

TEST_F(WindowTest, TheFirstPaintShowsAResult)
{
    open();
    ASSERT_TRUE(session().state().estimate);
    EXPECT_EQ(window->windowTitle(), u"Llama-3.1-8B on H100 SXM 80 GB — Weighbridge"_s);
    EXPECT_EQ(
        find<ElidedLabel>(u"summaryModel"_s)->fullText(),
        u"Llama-3.1-8B · 8.03\u00A0B parameters · GQA 4:1 · dense gated FFN · head_dim 128 · 131,072 B per token"_s);
    EXPECT_TRUE(find(u"verdict"_s)->isVisible());
    EXPECT_FALSE(find(u"issues"_s)->isVisible());
}

TEST_F(WindowTest, EveryNumberFieldTakesKeysAndUndoes)
{
    open();
    // 4 divides and is possible for most; sizes that depend on others get a value that goes with them.
    const QMap<QString, QString> values{{u"model.hidden_size"_s, u"8192"_s},
                                        {u"model.num_attention_heads"_s, u"64"_s},
                                        {u"model.num_kv_heads"_s, u"4"_s},
                                        {u"inference.parameters"_s, u"7000000000"_s},
                                        {u"wanted.headroom"_s, u"0.1"_s}};
    for (const FormField& field : formFields()) {
        if (field.kind != FieldKind::count && field.kind != FieldKind::real)
            continue;
        if (field.key.startsWith(u"hardware.custom"_s) || (field.visible != nullptr && !field.visible(session())) ||
            (field.key.startsWith(u"model."_s) && !session().hasField(field.key)))
            continue;
        const QString before = session().fieldText(field.key);
        type(field.key, values.value(field.key, u"2"_s));
        EXPECT_NE(session().fieldText(field.key), before) << field.key.toStdString();
        EXPECT_FALSE(session().state().stale) << field.key.toStdString() << ": "
                                              << (session().issues().empty() ? "" : session().issues().front().message);
        press(Qt::Key_Z, Qt::ControlModifier);
        while (session().fieldText(field.key) != before && session().undoStack().canUndo())
            press(Qt::Key_Z, Qt::ControlModifier);
        EXPECT_EQ(session().fieldText(field.key), before) << field.key.toStdString();
    }
}

TEST_F(WindowTest, AnInvalidValueIsSaidInPlaceAndTheLastResultStaysGreyed)
{
    open();
    const auto before = session().state().estimate;
    type(u"hardware.tensor_parallel"_s, u"3"_s);
    EXPECT_TRUE(session().state().stale);
    EXPECT_EQ(session().state().estimate, before);
    EXPECT_TRUE(noteOf(u"hardware.tensor_parallel"_s).startsWith(u"Tensor parallel is 3"_s))
        << noteOf(u"hardware.tensor_parallel"_s).toStdString();
    auto* editor = find<QLineEdit>(u"hardware.tensor_parallel"_s);
    EXPECT_EQ(editor->accessibleDescription(), noteOf(u"hardware.tensor_parallel"_s));
    EXPECT_EQ(editor->text(), u"3"_s);
    EXPECT_TRUE(find(u"issues"_s)->isVisible());

    type(u"hardware.tensor_parallel"_s, u"2"_s);
    EXPECT_FALSE(session().state().stale);
    EXPECT_EQ(noteOf(u"hardware.tensor_parallel"_s), QString());
    EXPECT_FALSE(find(u"issues"_s)->isVisible());
}

// What is typed half is nobody's number: its results would be of something that was never asked.
TEST_F(WindowTest, AHalfTypedNumberHasNoResult)
{
    open();
    const EstimatePointer before = session().state().estimate;
    for (const QString& text : {u"8."_s, u"4*"_s, u"32,7"_s, u"3_"_s, u"1e"_s, u"."_s}) {
        type(u"inference.sequence_length"_s, text);
        EXPECT_TRUE(session().state().stale) << text.toStdString();
        EXPECT_EQ(session().state().estimate, before) << text.toStdString();
        EXPECT_TRUE(noteOf(u"inference.sequence_length"_s).contains(text)) << text.toStdString();
        EXPECT_TRUE(find<QLabel>(u"verdictContext"_s)->text().contains(u"last valid result"_s));
    }
    type(u"inference.sequence_length"_s, u"32,768"_s);
    EXPECT_FALSE(session().state().stale);
}

TEST_F(WindowTest, TheSummaryOfProblemsLeadsToEachOfThem)
{
    open();
    type(u"inference.sequence_length"_s, u"many"_s);
    type(u"model.num_layers"_s, u"0"_s);
    form().setFocus();
    QStringList visited;
    for (int i = 0; i < 2; ++i) {
        press(Qt::Key_F8);
        ASSERT_NE(QApplication::focusWidget(), nullptr);
        visited.append(QApplication::focusWidget()->objectName());
    }
    visited.sort();
    EXPECT_EQ(visited, (QStringList{u"inference.sequence_length"_s, u"model.num_layers"_s}));
}

TEST_F(WindowTest, UndoWorksWhileAFieldHasTheFocus)
{
    open();
    type(u"inference.sequence_length"_s, u"32k"_s);
    EXPECT_EQ(session().fieldText(u"inference.sequence_length"_s), u"32768"_s);
    EXPECT_EQ(find<QLineEdit>(u"inference.sequence_length"_s)->text(), u"32k"_s);
    press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(session().fieldText(u"inference.sequence_length"_s), u""_s);
    EXPECT_EQ(find<QLineEdit>(u"inference.sequence_length"_s)->text(), u""_s);
    EXPECT_EQ(find<QLineEdit>(u"inference.sequence_length"_s)->placeholderText(), u"8,192"_s);
    press(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_EQ(session().fieldText(u"inference.sequence_length"_s), u"32768"_s);
}

TEST_F(WindowTest, DigitsAreGroupedOnceAFieldIsLeft)
{
    open();
    type(u"inference.sequence_length"_s, u"4*8192"_s);
    auto* editor = find<QLineEdit>(u"inference.sequence_length"_s);
    EXPECT_EQ(editor->text(), u"4*8192"_s);
    press(Qt::Key_Tab);
    EXPECT_EQ(editor->text(), u"32,768"_s);
}

TEST_F(WindowTest, TypingDoesNotMoveTheCursor)
{
    open();
    ASSERT_TRUE(form().reveal(u"inference.sequence_length"_s));
    auto* editor = find<QLineEdit>(u"inference.sequence_length"_s);
    QTest::keyClicks(editor, u"8192"_s);
    press(Qt::Key_Tab);
    editor->setFocus();
    ASSERT_EQ(editor->text(), u"8,192"_s);
    editor->setCursorPosition(1);
    QTest::keyClicks(editor, u"0"_s);
    settle();
    QTest::keyClicks(editor, u"1"_s);
    settle();
    EXPECT_EQ(editor->text(), u"801,192"_s);
    EXPECT_EQ(editor->cursorPosition(), 3);
}

TEST_F(WindowTest, ArrowsStepAsSuitsTheField)
{
    open();
    ASSERT_TRUE(form().reveal(u"inference.sequence_length"_s));
    press(Qt::Key_Up);
    EXPECT_EQ(session().fieldText(u"inference.sequence_length"_s), u"16384"_s);
    press(Qt::Key_Down);
    press(Qt::Key_Down);
    EXPECT_EQ(session().fieldText(u"inference.sequence_length"_s), u"4096"_s);
    ASSERT_TRUE(form().reveal(u"inference.concurrent_sequences"_s));
    press(Qt::Key_Up);
    EXPECT_EQ(session().fieldText(u"inference.concurrent_sequences"_s), u"2"_s);
    ASSERT_TRUE(form().reveal(u"hardware.usable_fraction"_s));
    press(Qt::Key_Down);
    EXPECT_EQ(session().fieldText(u"hardware.usable_fraction"_s), u"99 %"_s);
}

TEST_F(WindowTest, AnEngineWithAShareOfItsOwnHasNoOther)
{
    open();
    EXPECT_TRUE(find(u"hardware.usable_fraction"_s)->isVisible());
    session().setField(u"inference.engine"_s, u"vllm"_s);
    settle();
    EXPECT_FALSE(find(u"hardware.usable_fraction"_s)->isVisible());
}

TEST_F(WindowTest, TheWheelDoesNothingOnFieldsWithoutFocus)
{
    open();
    form().setFocus();
    for (const QString& name : {u"inference.sequence_length"_s, u"precision.weights"_s, u"model.tie_word_embeddings"_s,
                                u"hardware.tensor_parallel"_s, u"hardware.accelerator"_s, u"model"_s}) {
        auto* editor = find(name);
        QWheelEvent wheel(QPointF(5, 5), editor->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, -120), Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(editor, &wheel);
    }
    settle();
    EXPECT_EQ(session().undoStack().count(), 0);
}

TEST_F(WindowTest, APrecisionCanBeChosenByNameOrTypedAsAWidth)
{
    open();
    auto* box = find<ChoiceEdit>(u"precision.weights"_s);
    for (const auto& [typed, kept] : QList<QPair<QString, QString>>{{u"NVFP4"_s, u"nvfp4"_s},
                                                                    {u"bits:3.5"_s, u"bits:3.5"_s},
                                                                    {u"5 bit"_s, u"bits:5"_s},
                                                                    {u"nominal:0.5"_s, u"nominal:0.5"_s}}) {
        type(u"precision.weights"_s, typed);
        EXPECT_EQ(session().scenario().precision.weights, fromQt(kept)) << typed.toStdString();
    }
    type(u"precision.weights"_s, u"nonsense"_s);
    EXPECT_NE(noteOf(u"precision.weights"_s), QString());
    EXPECT_TRUE(session().state().stale);
    box->lineEdit()->clear();
    type(u"precision.weights"_s, u"BF16"_s);
    EXPECT_FALSE(session().state().stale);
}

TEST_F(WindowTest, KeysAndValuesMayDiffer)
{
    open();
    EXPECT_TRUE(find(u"precision.kv_cache"_s)->isVisible());
    ASSERT_TRUE(form().reveal(u"form.kv_differ"_s));
    press(Qt::Key_Space);
    EXPECT_FALSE(find(u"precision.kv_cache"_s)->isVisible());
    type(u"precision.kv_cache.v"_s, u"fp8"_s);
    EXPECT_EQ(session().scenario().precision.kv_cache_k, "bf16");
    EXPECT_EQ(session().scenario().precision.kv_cache_v, "fp8");
    ASSERT_TRUE(form().reveal(u"form.kv_differ"_s));
    press(Qt::Key_Space);
    EXPECT_EQ(session().scenario().precision.kv_cache_v, "bf16");
    EXPECT_TRUE(find(u"precision.kv_cache"_s)->isVisible());
}

TEST_F(WindowTest, FieldsAppearWithTheChoiceThatNeedsThem)
{
    open();
    ASSERT_TRUE(form().reveal(u"inference.activation_method"_s));
    EXPECT_FALSE(find(u"inference.activation_fraction"_s)->isVisible());
    session().setField(u"inference.activation_method"_s, u"fraction"_s);
    settle();
    EXPECT_TRUE(find(u"inference.activation_fraction"_s)->isVisible());
    session().setField(u"inference.overhead_kind"_s, u"fraction"_s);
    settle();
    EXPECT_TRUE(find(u"inference.overhead_fraction"_s)->isVisible());
    EXPECT_FALSE(find(u"inference.overhead_bytes"_s)->isVisible());
    session().setField(u"hardware.accelerator"_s, u"custom"_s);
    settle();
    type(u"hardware.custom.memory"_s, u"48"_s);
    EXPECT_EQ(session().accelerator().capacity.count, 48LL << 30);
    EXPECT_TRUE(window->windowTitle().contains(u"Custom GPU"_s));
}

TEST_F(WindowTest, EveryPresetCanBeShown)
{
    open();
    for (const std::string_view name : preset_names()) {
        const auto model = loadPreset(toQt(name));
        ASSERT_TRUE(model) << name;
        session().setModel(*model);
        settle();
        EXPECT_FALSE(session().state().stale) << name;
        EXPECT_TRUE(window->windowTitle().startsWith(toQt(name))) << name;
    }
}

TEST_F(WindowTest, ExpertsUnfoldWithAModelThatHasThem)
{
    open();
    const auto model = loadPreset(u"Mixtral-8x22B-v0.1"_s);
    ASSERT_TRUE(model) << model.error().message;
    session().setModel(*model);
    settle();
    EXPECT_TRUE(find(u"model.num_routed_experts"_s)->isVisible());
    EXPECT_EQ(find<QLineEdit>(u"model.num_routed_experts"_s)->text(), u"8"_s);
}

} // namespace

} // namespace weighbridge::test
