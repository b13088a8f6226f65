// The notebook as one choice of the form: its switches, its figures, and the way back.

#include "tests/ui/window/window_fixture.h"

#include "core/fields/method.h"
#include "core/fields/scenario_json.h"
#include "ui/form/choice_edit.h"
#include "ui/views/model_panel.h"

#include <QCheckBox>

#include <algorithm>

namespace weighbridge::test {

namespace {

class NotebookTest : public WindowTest
{
protected:
    /// As a person does: by the list in the form.
    void choose(const QString& method)
    {
        auto* list = find<ChoiceEdit>(u"inference.method"_s);
        const auto methods = counting_methods();
        const auto row = std::find_if(methods.begin(), methods.end(),
                                      [&](const CountingMethod& other) { return toQt(other.id) == method; });
        list->setCurrentIndex(static_cast<int>(row - methods.begin()));
        Q_EMIT list->activated(list->currentIndex());
        settle();
    }

    void toggle(const QString& key)
    {
        find<QCheckBox>(key)->click();
        settle();
    }

    QStringList figures() const
    {
        QStringList texts;
        if (const auto* list = window->findChild<FigureList*>(u"enginePrints"_s))
            for (const FigureList::Row& row : list->rows())
                texts << row.name + u" = "_s + row.figure.trimmed();
        return texts;
    }
};

} // namespace

TEST_F(NotebookTest, IsOneChoiceWithOneWayBack)
{
    open();
    const Scenario before = session().scenario();
    choose(u"notebook"_s);
    EXPECT_EQ(session().scenario().inference.activation_method, "flash");
    EXPECT_EQ(session().scenario().inference.overhead_bytes, 0);
    EXPECT_EQ(session().scenario().precision.weights, "bits:16");
    // Everything that the notebook asks for is in sight.
    for (const QString& key : {u"inference.flash_attention"_s, u"inference.use_kv_cache"_s, u"inference.parameters"_s,
                               u"precision.weights"_s, u"inference.sequence_length"_s,
                               u"inference.concurrent_sequences"_s, u"hub.id"_s, u"model"_s})
        EXPECT_TRUE(find(key)->isVisible()) << key.toStdString();
    trigger(u"edit.undo"_s);
    settle();
    EXPECT_EQ(session().scenario(), before);
    EXPECT_FALSE(find(u"inference.flash_attention"_s)->isVisible());
    EXPECT_TRUE(figures().isEmpty());
}

// Its printed run, typed in.
TEST_F(NotebookTest, ShowsWhatItPrints)
{
    open();
    session().setModel(*loadPreset(u"Llama-3.1-70B"_s));
    settle();
    choose(u"notebook"_s);
    type(u"inference.parameters"_s, u"70.6B"_s);
    type(u"inference.sequence_length"_s, u"8192"_s);
    type(u"inference.concurrent_sequences"_s, u"16"_s);
    EXPECT_EQ(figures(),
              (QStringList{u"Model (GB) = 141.20"_s, u"Inference, vanilla (GB) = 618.48"_s,
                           u"Inference with GQA (GB) = 129.39"_s, u"Inference with FlashAttention (GB) = 68.85"_s,
                           u"KV cache (GB) = 42.95"_s, u"Total as configured (GB) = 253.00"_s}));
    toggle(u"inference.flash_attention"_s);
    EXPECT_EQ(session().scenario().inference.activation_method, "gqa");
    EXPECT_EQ(figures().back(), u"Total as configured (GB) = 313.54"_s);
    toggle(u"inference.use_kv_cache"_s);
    EXPECT_EQ(figures().size(), 5);
    EXPECT_EQ(figures().back(), u"Total as configured (GB) = 270.59"_s);
    toggle(u"inference.flash_attention"_s);
    EXPECT_EQ(figures().back(), u"Total as configured (GB) = 210.05"_s);
}

TEST_F(NotebookTest, IsOfFormulasAlone)
{
    open();
    session().setField(u"inference.engine"_s, u"vllm"_s);
    settle();
    EXPECT_FALSE(find(u"inference.method"_s)->isVisible());
    session().setField(u"inference.engine"_s, u"generic"_s);
    session().setField(u"task"_s, u"train"_s);
    settle();
    EXPECT_FALSE(find(u"inference.method"_s)->isVisible());
}

} // namespace weighbridge::test
