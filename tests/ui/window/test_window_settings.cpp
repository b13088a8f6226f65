#include "tests/ui/window/window_fixture.h"

#include "ui/theme/theme.h"

#include <nlohmann/json.hpp>

#include <QApplication>
#include <QDir>
#include <QFile>

namespace weighbridge::test {

namespace {

TEST_F(WindowTest, TheLastScenarioAndTheChoicesOfTheWindowComeBack)
{
    open();
    type(u"inference.sequence_length"_s, u"32k"_s);
    type(u"model.num_layers"_s, u"40"_s);
    trigger(u"view.gb"_s);
    trigger(u"view.dark"_s);
    trigger(u"view.larger"_s);
    const Scenario before = session().scenario();
    open();
    EXPECT_EQ(messageText(), QString());
    EXPECT_EQ(session().scenario().inference, before.inference);
    EXPECT_EQ(session().model()->architecture.layers(), 40);
    EXPECT_EQ(session().model()->name, "Llama-3.1-8B (edited)");
    EXPECT_EQ(session().state().unit, ByteUnit::gb);
    EXPECT_TRUE(isDark(QApplication::palette()));
    EXPECT_EQ(session().undoStack().count(), 0);
}

TEST_F(WindowTest, DamagedSettingsAreSetAsideWithAMessage)
{
    for (const QByteArray& damage : {QByteArray("garbage"), QByteArray(100'000, '['), QByteArray("[]")}) {
        write(u"settings.json"_s, damage);
        open();
        EXPECT_TRUE(messageText().contains(u"settings.damaged-"_s)) << messageText().toStdString();
        EXPECT_TRUE(session().state().estimate);
        close();
    }
    EXPECT_EQ(QDir(folder.path()).entryList({u"settings.damaged-*"_s}).size(), 3);
    open();
    EXPECT_EQ(messageText(), QString());
}

TEST_F(WindowTest, ADamagedScenarioInTheSettingsLosesNothingElse)
{
    write(u"settings.json"_s,
          R"({"unit": "GB", "theme": "dark", "scenario": {"model": {"path": "/nowhere"}}, "new": 1})");
    open();
    EXPECT_EQ(session().state().unit, ByteUnit::gb);
    EXPECT_TRUE(isDark(QApplication::palette()));
    EXPECT_EQ(session().model()->name, "Llama-3.1-8B");
    EXPECT_FALSE(messageText().isEmpty());
    close();
    QFile file(services.settingsPath);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    EXPECT_EQ(nlohmann::json::parse(file.readAll().toStdString()).at("new"), 1);
}

TEST_F(WindowTest, TheUnitSwitchChangesEveryFigure)
{
    open();
    trigger(u"view.gb"_s);
    EXPECT_EQ(session().state().unit, ByteUnit::gb);
    bool found = false;
    for (const QLabel* label : find(u"verdict"_s)->findChildren<QLabel*>()) {
        EXPECT_FALSE(label->text().contains(u"GiB"_s)) << label->text().toStdString();
        found = found || label->text().contains(u"GB"_s);
    }
    EXPECT_TRUE(found);
}

TEST_F(WindowTest, ThemesSwitchAtOnce)
{
    open();
    trigger(u"view.dark"_s);
    EXPECT_TRUE(isDark(form().palette()));
    trigger(u"view.light"_s);
    EXPECT_FALSE(isDark(form().palette()));
}

TEST_F(WindowTest, FieldsReturnToTheirHeightWithTheText)
{
    open();
    const int height = find(u"model.tie_word_embeddings"_s)->height();
    window->setFontStep(10);
    settle();
    EXPECT_GT(find(u"model.tie_word_embeddings"_s)->height(), height);
    window->setFontStep(0);
    settle();
    EXPECT_EQ(find(u"model.tie_word_embeddings"_s)->height(), height);
}

TEST_F(WindowTest, TheFormReturnsToItsWidthWithTheText)
{
    open();
    const int width = find(u"form.area"_s)->width();
    window->setFontStep(10);
    settle();
    EXPECT_GT(find(u"form.area"_s)->width(), width);
    window->setFontStep(0);
    settle();
    EXPECT_EQ(find(u"form.area"_s)->width(), width)
        << find(u"form.area"_s)->minimumWidth() << ' ' << form().sizeHint().width() << ' ' << window->width();
}

TEST_F(WindowTest, TextGrowsShrinksAndReturns)
{
    open();
    const double usual = form().font().pointSizeF();
    press(Qt::Key_Plus, Qt::ControlModifier);
    EXPECT_GT(form().font().pointSizeF(), usual);
    press(Qt::Key_0, Qt::ControlModifier);
    EXPECT_DOUBLE_EQ(form().font().pointSizeF(), usual);
    press(Qt::Key_Minus, Qt::ControlModifier);
    EXPECT_LT(form().font().pointSizeF(), usual);
}

} // namespace

} // namespace weighbridge::test
