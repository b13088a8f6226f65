// The engine's choice and options: rows that follow from the core's table of fields.

#include "tests/ui/window/window_fixture.h"

#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "ui/form/choice_edit.h"
#include "ui/form/form_field.h"
#include "ui/theme/group_heading.h"
#include "ui/views/model_panel.h"
#include "ui/widgets/table_sheet.h"

#include <QApplication>
#include <QCheckBox>

#include <algorithm>

namespace weighbridge::test {

namespace {

bool isOptionOf(const ScenarioField& field, std::string_view engine)
{
    return std::ranges::find(field.engines, engine) != field.engines.end();
}

class EngineTest : public WindowTest
{
protected:
    void choose(std::string_view engine)
    {
        session().setField(u"inference.engine"_s, toQt(engine));
        settle();
        ASSERT_EQ(session().scenario().inference.engine, engine);
    }

    const QWidget& headingOf(FieldGroup group) const
    {
        return *find(u"group."_s + QString::number(static_cast<int>(group)));
    }
};

TEST_F(EngineTest, TheListHoldsTheEnginesThatAreBuilt)
{
    open();
    const auto* list = find<ChoiceEdit>(u"inference.engine"_s);
    ASSERT_EQ(list->count(), static_cast<int>(engines().size()));
    for (int i = 0; i < list->count(); ++i)
        EXPECT_EQ(list->itemText(i), toQt(engines()[static_cast<std::size_t>(i)]->name));
}

TEST_F(EngineTest, AnEnginesOptionsAreThereWhileItIsChosen)
{
    open();
    for (const Engine* engine : engines()) {
        choose(engine->id);
        for (const ScenarioField& field : scenario_fields()) {
            const std::string key(field.key);
            if (field.engines.empty() || isOptionOf(field, generic_engine))
                continue;
            const bool owned = isOptionOf(field, engine->id);
            EXPECT_EQ(form().reveal(toQt(key)), owned) << engine->id << ' ' << key;
            if (owned) {
                // How much of the memory may be used is one field, whatever the engine calls it.
                const QString name = key == engine->memory_share_key ? u"Memory limit"_s : toQt(field.name());
                EXPECT_EQ(form().labelOf(toQt(key)), name);
                EXPECT_FALSE(find(toQt(key))->accessibleName().isEmpty()) << key;
            }
        }
    }
}

TEST_F(EngineTest, GroupsWithoutARowHaveNoHeading)
{
    open();
    EXPECT_FALSE(headingOf(FieldGroup::engine).isVisible());
    EXPECT_TRUE(headingOf(FieldGroup::assumptions).isVisible());
    for (const Engine* engine : engines()) {
        choose(engine->id);
        const bool generic = engine->id == generic_engine;
        bool hasOptions = false; // some are known for their speed alone; the formulas' own stand below assumptions
        for (const ScenarioField& field : scenario_fields())
            hasOptions = hasOptions || (!generic && isOptionOf(field, engine->id));
        EXPECT_EQ(headingOf(FieldGroup::engine).isVisible(), hasOptions) << engine->id;
        EXPECT_EQ(headingOf(FieldGroup::assumptions).isVisible(), generic) << engine->id;
        EXPECT_EQ(find(u"inference.engine_version"_s)->isVisible(), !engine->versions.empty()) << engine->id;
    }
}

TEST_F(EngineTest, ParallelSizesAreThereWhereTheEngineHasThemOrTheyAreInTheWay)
{
    open();
    for (const Engine* engine : engines()) {
        choose(engine->id);
        EXPECT_EQ(find(u"hardware.pipeline_parallel"_s)->isVisible(), engine->pipelines) << engine->id;
        EXPECT_EQ(find(u"hardware.data_parallel"_s)->isVisible(), engine->replicates) << engine->id;
        EXPECT_EQ(find(u"hardware.expert_parallel"_s)->isVisible(), engine->replicates) << engine->id;
    }
    choose(generic_engine);
    session().setField(u"hardware.pipeline_parallel"_s, u"2"_s);
    settle();
    EXPECT_TRUE(session().state().stale);
    EXPECT_TRUE(find(u"hardware.pipeline_parallel"_s)->isVisible());
    EXPECT_FALSE(noteOf(u"hardware.pipeline_parallel"_s).isEmpty());
    press(Qt::Key_F8);
    EXPECT_EQ(QApplication::focusWidget(), find(u"hardware.pipeline_parallel"_s));
    type(u"hardware.pipeline_parallel"_s, u"1"_s);
    EXPECT_FALSE(session().state().stale);
    EXPECT_FALSE(find(u"hardware.pipeline_parallel"_s)->isVisible());
}

TEST_F(EngineTest, WhatAnEngineWouldPrintStandsBelowTheMemory)
{
    open();
    for (const Engine* engine : engines()) {
        choose(engine->id);
        const auto& prints = session().state().estimate->engine_prints;
        const auto* list = window->findChild<FigureList*>(u"enginePrints"_s);
        ASSERT_EQ(list != nullptr, !prints.empty()) << engine->id;
        if (list == nullptr)
            continue;
        EXPECT_TRUE(list->isVisibleTo(window.get()));
        ASSERT_EQ(list->rows().size(), prints.size());
        for (std::size_t i = 0; i < prints.size(); ++i)
            EXPECT_EQ(list->rows()[i].name, toQt(prints[i].label));
    }
}

TEST_F(EngineTest, WhatEveryDeviceAndTheHostHoldStandsBelowTheMemory)
{
    open();
    EXPECT_EQ(window->findChild<TableSheet*>(u"devices"_s), nullptr); // one kind of device, nothing on the host
    choose("llama.cpp");
    session().setField(u"hardware.accelerator"_s, u"rtx_3090,rtx_3060_12"_s);
    settle();
    auto* sheet = window->findChild<TableSheet*>(u"devices"_s);
    ASSERT_NE(sheet, nullptr);
    EXPECT_TRUE(sheet->isVisibleTo(window.get()));
    ASSERT_EQ(sheet->tableModel().rowCount(), 3);
    EXPECT_FALSE(sheet->accessibleName().isEmpty());
    session().setField(u"hardware.accelerator"_s, u"rtx_3090"_s);
    settle();
    EXPECT_EQ(sheet->tableModel().rowCount(), 2); // one GPU and the host
}

// Nobody chose how it keeps its cache, and it keeps it in its own way.
TEST_F(EngineTest, TheFieldShowsTheCacheThatTheEngineTakes)
{
    open();
    choose("llama.cpp");
    EXPECT_EQ(session().state().estimate->scenario.precision.kv_cache_k, "fp16");
    EXPECT_EQ(find<ChoiceEdit>(u"precision.kv_cache"_s)->currentData().toString(), u"fp16"_s);
}

/// The engines whose options tests type into.
class NamedEngine : public EngineTest
{
protected:
    /// Whether that engine is built; tests of one that is not have nothing to press.
    bool openWith(std::string_view engine)
    {
        open();
        if (find_engine(engine) == nullptr)
            return false;
        ChoiceEdit& list = *find<ChoiceEdit>(u"inference.engine"_s);
        EXPECT_TRUE(form().reveal(u"inference.engine"_s));
        for (int i = 0; i < list.count() && session().scenario().inference.engine != engine; ++i)
            press(Qt::Key_Down);
        EXPECT_EQ(session().scenario().inference.engine, engine);
        return true;
    }
};

TEST_F(NamedEngine, LlamaCppTakesItsContextFromKeysAndGivesItBack)
{
    if (!openWith("llama.cpp"))
        GTEST_SKIP() << "llama.cpp is not built";
    type(u"inference.n_ctx"_s, u"16k"_s);
    EXPECT_EQ(session().scenario().inference.llama_cpp.n_ctx, 16384);
    EXPECT_FALSE(session().state().stale);
    auto* heading = static_cast<const GroupHeading*>(&headingOf(FieldGroup::engine));
    EXPECT_TRUE(heading->isChecked());
    EXPECT_TRUE(heading->summary().contains(u"1 set"_s)) << heading->summary().toStdString();

    type(u"inference.n_ctx"_s, u"none"_s);
    EXPECT_TRUE(session().state().stale);
    EXPECT_TRUE(noteOf(u"inference.n_ctx"_s).startsWith(u"n_ctx"_s)) << noteOf(u"inference.n_ctx"_s).toStdString();
    type(u"inference.n_ctx"_s, u""_s);
    EXPECT_FALSE(session().state().stale);
    EXPECT_EQ(session().scenario().inference.llama_cpp.n_ctx, std::nullopt);
    EXPECT_FALSE(find<QLineEdit>(u"inference.n_ctx"_s)->placeholderText().isEmpty());
    press(Qt::Key_Tab);
    while (session().undoStack().canUndo())
        press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(session().scenario().inference.engine, generic_engine);
}

TEST_F(NamedEngine, WhatAnotherEngineIgnoresIsSaidBesideTheEngine)
{
    if (!openWith("llama.cpp"))
        GTEST_SKIP() << "llama.cpp is not built";
    type(u"inference.n_ubatch"_s, u"256"_s);
    EXPECT_EQ(noteOf(u"inference.engine"_s), QString());
    choose(generic_engine);
    EXPECT_TRUE(noteOf(u"inference.engine"_s).contains(u"n_ubatch"_s)) << noteOf(u"inference.engine"_s).toStdString();
    EXPECT_FALSE(find(u"inference.n_ubatch"_s)->isVisible());
}

TEST_F(NamedEngine, VllmShowsItsDefaultsInTheEmptyFields)
{
    if (!openWith("vllm"))
        GTEST_SKIP() << "vLLM is not built";
    ASSERT_TRUE(form().reveal(u"inference.gpu_memory_utilization"_s));
    const auto defaults = session().state().estimate->scenario.inference.vllm.gpu_memory_utilization;
    ASSERT_TRUE(defaults);
    const auto* editor = find<QLineEdit>(u"inference.gpu_memory_utilization"_s);
    EXPECT_EQ(editor->text(), QString());
    EXPECT_DOUBLE_EQ(editor->placeholderText().toDouble(), *defaults);
    press(Qt::Key_Down);
    EXPECT_LT(session().scenario().inference.vllm.gpu_memory_utilization, defaults);
    auto* eager = find<QCheckBox>(u"inference.enforce_eager"_s);
    QTest::keyClick(eager, Qt::Key_Space);
    settle();
    EXPECT_TRUE(session().scenario().inference.vllm.enforce_eager);
    type(u"inference.kv_cache_memory_bytes"_s, u"20 GiB"_s);
    EXPECT_EQ(session().scenario().inference.vllm.kv_cache_memory_bytes, 20LL << 30);
    EXPECT_EQ(find<QLineEdit>(u"inference.kv_cache_memory_bytes"_s)->text(), u"20 GiB"_s);
}

} // namespace

} // namespace weighbridge::test
