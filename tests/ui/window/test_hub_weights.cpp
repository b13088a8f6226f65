// Weights from the Hub in the window: exact sizes, GGUF files to choose from, the copy without a network.

#include "tests/ui/hub/fake_hub.h"
#include "tests/ui/window/hub_fixture.h"

#include "ui/models/model_source.h"

#include <QAction>
#include <QMenu>
#include <QPushButton>

namespace weighbridge::test {

namespace {

class HubWeights : public HubWindowTest
{
protected:
    void fetch(const QString& id)
    {
        type(u"hub.id"_s, id);
        press(Qt::Key_Return);
        EXPECT_TRUE(QTest::qWaitFor([&] { return !busy(); }, 10'000));
        settle();
    }
    const Term& weights() { return session().state().estimate->terms.front(); }

    FakeHub hub;
};

TEST_F(HubWeights, AFetchedModelHasTheSizesOfItsFiles)
{
    hub.add(u"config.json"_s, fakeConfig);
    hub.files.insert(u"model.safetensors"_s, fakeSafetensors("F32", 4));
    MisbehavingServer server(hub.handler());
    openWith(server);
    fetch(u"org/model"_s);
    EXPECT_TRUE(window->windowTitle().startsWith(u"model on"_s)) << status().toStdString();
    EXPECT_EQ(session().undoStack().count(), 1);
    EXPECT_EQ(weights().basis, Basis::exact);
    EXPECT_TRUE(toQt(weights().source).contains(u"exact (file): model.safetensors: F32"_s)) << weights().source;
    EXPECT_TRUE(toQt(weights().source).contains(u"the rule makes"_s)) << "bfloat16, as the config says";
    EXPECT_TRUE(status().contains(u"exact (file)"_s)) << status().toStdString();
    const std::int64_t bytes = weights().bytes.count;

    hub.lists = false; // the next start asks nobody
    const qsizetype asked = server.requests().size();
    open();
    EXPECT_TRUE(window->windowTitle().startsWith(u"model on"_s)) << messageText().toStdString();
    EXPECT_EQ(weights().bytes.count, bytes);
    EXPECT_EQ(server.requests().size(), asked);
}

TEST_F(HubWeights, GgufFilesAreOfferedAndOneIsChosen)
{
    hub.files.insert(u"fake-F16.gguf"_s, fakeGguf(1000));
    hub.files.insert(u"fake-Q4_K_M.gguf"_s, {"GGUF", 5'368'709'120});
    MisbehavingServer server(hub.handler());
    openWith(server);
    const Scenario before = session().scenario();
    fetch(u"org/model"_s);
    EXPECT_EQ(session().scenario(), before);
    auto* files = find<QPushButton>(u"hub.files"_s);
    ASSERT_NE(files, nullptr);
    EXPECT_TRUE(files->isVisible());
    const QList<QAction*> choices = files->menu()->actions();
    ASSERT_EQ(choices.size(), 2);
    EXPECT_TRUE(choices.at(0)->text().startsWith(u"F16 · "_s)) << choices.at(0)->text().toStdString();
    EXPECT_EQ(choices.at(1)->text(), u"Q4_K_M · 5.00\u00A0GiB"_s);
    files->setFocus();
    choices.at(0)->trigger();
    EXPECT_TRUE(find(u"hub.id"_s)->hasFocus()) << "the next key must change no field";
    EXPECT_TRUE(QTest::qWaitFor([&] { return window->windowTitle().startsWith(u"model:F16 on"_s); }, 10'000))
        << status().toStdString();
    settle();
    EXPECT_EQ(find<QLineEdit>(u"hub.id"_s)->text(), u"org/model:fake-F16.gguf"_s);
    EXPECT_EQ(weights().basis, Basis::exact);
    EXPECT_FALSE(files->isVisible());
    EXPECT_EQ(session().scenario().model.text, "org/model:fake-F16.gguf");
}

TEST_F(HubWeights, AQuantizationIsNamedAsLlamaCppNamesIt)
{
    hub.files.insert(u"fake-F16.gguf"_s, fakeGguf(1000));
    MisbehavingServer server(hub.handler());
    openWith(server);
    fetch(u"org/model:f16"_s);
    EXPECT_TRUE(window->windowTitle().startsWith(u"model:f16 on"_s)) << status().toStdString();
    fetch(u"org/model:Q2_K"_s);
    EXPECT_TRUE(status().contains(u"no GGUF file Q2_K"_s)) << status().toStdString();
    EXPECT_TRUE(window->windowTitle().startsWith(u"model:f16 on"_s));
}

TEST_F(HubWeights, WhatIsWrongWithAHeaderIsSaid)
{
    hub.files.insert(u"bad-F16.gguf"_s, {"GGML is no GGUF", 5'000'000});
    MisbehavingServer server(hub.handler());
    openWith(server);
    fetch(u"org/model:F16"_s);
    EXPECT_TRUE(status().contains(u"bad-F16.gguf: it is no GGUF file"_s)) << status().toStdString();
    EXPECT_EQ(session().undoStack().count(), 0);
}

} // namespace

} // namespace weighbridge::test
