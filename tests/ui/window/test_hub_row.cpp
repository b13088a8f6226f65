#include "tests/ui/hub/misbehaving_server.h"
#include "tests/ui/window/hub_fixture.h"

#include "ui/form/hub_row.h"
#include "ui/models/model_source.h"

#include <QFile>
#include <QPushButton>

namespace weighbridge::test {

namespace {

class HubRowTest : public HubWindowTest
{
protected:
    void fetch(const QString& id)
    {
        type(u"hub.id"_s, id);
        press(Qt::Key_Return);
    }
};

TEST_F(HubRowTest, EnterFetchesAndTheModelIsOneUndoStep)
{
    MisbehavingServer server(always(httpAnswer(200, smallLlama)));
    openWith(server);
    fetch(u"org/tiny"_s);
    EXPECT_TRUE(QTest::qWaitFor([&] { return window->windowTitle().startsWith(u"tiny on"_s); }, 5000))
        << status().toStdString();
    settle();
    EXPECT_EQ(session().undoStack().count(), 1);
    EXPECT_FALSE(busy());
    press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(window->windowTitle().startsWith(u"Llama-3.1-8B on"_s));
}

TEST_F(HubRowTest, AScenarioThatNamesAModelOfTheHubOpensFromTheKeptCopy)
{
    MisbehavingServer server(always(httpAnswer(200, smallLlama)));
    openWith(server);
    const QString path =
        write(u"scenario.json"_s, R"({"model": {"hf": "org/tiny"}, "inference": {"sequence_length": 4096}})");
    window->openPath(path);
    settle();
    EXPECT_TRUE(messageText().contains(u"org/tiny"_s) && messageText().contains(u"fetch it first"_s))
        << messageText().toStdString();
    EXPECT_TRUE(window->windowTitle().startsWith(u"Llama-3.1-8B on"_s));
    EXPECT_EQ(server.requests().size(), 0) << "opening a file asks nobody";

    fetch(u"org/tiny"_s);
    EXPECT_TRUE(QTest::qWaitFor([&] { return window->windowTitle().startsWith(u"tiny on"_s); }, 5000));
    press(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(window->windowTitle().startsWith(u"Llama-3.1-8B on"_s));
    const qsizetype asked = server.requests().size();
    window->openPath(path);
    settle();
    EXPECT_TRUE(window->windowTitle().startsWith(u"tiny on"_s)) << messageText().toStdString();
    EXPECT_EQ(session().scenario().inference.sequence_length, 4096);
    EXPECT_EQ(server.requests().size(), asked);

    open(); // the next start opens it again, from the settings
    EXPECT_TRUE(window->windowTitle().startsWith(u"tiny on"_s));
}

TEST_F(HubRowTest, AFailureIsSaidAndChangesNothing)
{
    MisbehavingServer server(always(httpAnswer(404)));
    openWith(server);
    const Scenario before = session().scenario();
    fetch(u"org/missing"_s);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !busy(); }, 5000));
    EXPECT_FALSE(status().isEmpty());
    EXPECT_EQ(session().scenario(), before);
    EXPECT_EQ(find(u"hub.id"_s)->accessibleDescription(), status());
    EXPECT_EQ(session().undoStack().count(), 0);
}

TEST_F(HubRowTest, ANamelessFamilyIsOfferedAsALlamaLikeDecoder)
{
    QByteArray config(smallLlama);
    config.replace("\"llama\"", "3");
    MisbehavingServer server(always(httpAnswer(200, config)));
    openWith(server);
    fetch(u"org/marmot"_s);
    EXPECT_TRUE(QTest::qWaitFor([&] { return window->findChild<QPushButton*>(u"hub.action"_s) != nullptr; }, 5000));
    settle();
    EXPECT_TRUE(status().contains(u"marmot"_s)) << status().toStdString();
    EXPECT_TRUE(find<QPushButton>(u"hub.action"_s)->text().contains(u"Llama-like"_s));
    EXPECT_EQ(window->findChild<QPushButton*>(u"hub.readAs.0"_s), nullptr);
    EXPECT_TRUE(find(u"hub.status"_s)->toolTip().contains(u"list families"_s)); // where those known are
    EXPECT_EQ(session().undoStack().count(), 0);
    find<QPushButton>(u"hub.action"_s)->click();
    settle();
    EXPECT_TRUE(window->windowTitle().startsWith(u"marmot on"_s));
    EXPECT_EQ(session().loadedModel().reference.read_as, llama_like);
}

TEST_F(HubRowTest, AnUnknownFamilyIsReadAsTheOneThatItResemblesAndSaysSo)
{
    QByteArray config(smallLlama);
    config.replace("\"llama\"", "\"llama9\", \"mixing_rank\": 64");
    MisbehavingServer server(always(httpAnswer(200, config)));
    openWith(server);
    fetch(u"org/marmot"_s);
    EXPECT_TRUE(QTest::qWaitFor([&] { return window->windowTitle().startsWith(u"marmot on"_s); }, 5000));
    settle();
    const auto* note = find<QLabel>(u"model.note"_s);
    EXPECT_TRUE(note->isVisible());
    EXPECT_TRUE(
        note->text().contains(u"read as a llama model, which it resembles most. Not understood: mixing_rank."_s))
        << note->text().toStdString();
}

TEST_F(HubRowTest, AFetchCanBeCancelled)
{
    MisbehavingServer server([](QTcpSocket&, const ServerRequest&) {});
    openWith(server);
    fetch(u"org/slow"_s);
    EXPECT_TRUE(busy());
    find<QPushButton>(u"hub.fetch"_s)->click();
    EXPECT_TRUE(QTest::qWaitFor([&] { return !busy(); }, 2000));
    EXPECT_EQ(session().undoStack().count(), 0);
}

TEST_F(HubRowTest, TextThatIsNoModelIsSaidWithoutAsking)
{
    MisbehavingServer server(always(httpAnswer(200, smallLlama)));
    openWith(server);
    fetch(u"not a model!"_s);
    EXPECT_FALSE(busy());
    EXPECT_FALSE(status().isEmpty());
    EXPECT_TRUE(server.requests().isEmpty());
}

TEST_F(HubRowTest, TheTokenIsSentAndKeptNowhere)
{
    MisbehavingServer server(always(httpAnswer(200, smallLlama)));
    openWith(server);
    type(u"hub.token"_s, u"hf_secretsecret"_s);
    EXPECT_EQ(find<QLineEdit>(u"hub.token"_s)->echoMode(), QLineEdit::Password);
    type(u"hub.revision"_s, u"v2"_s);
    fetch(u"org/tiny"_s);
    EXPECT_TRUE(QTest::qWaitFor([&] { return window->windowTitle().startsWith(u"tiny on"_s); }, 5000));
    ASSERT_FALSE(server.requests().isEmpty());
    EXPECT_EQ(server.requests().first().header("authorization"), "Bearer hf_secretsecret");
    EXPECT_TRUE(server.requests().first().target.contains("v2"));
    close();
    QFile settings(services.settingsPath);
    ASSERT_TRUE(settings.open(QIODevice::ReadOnly));
    const QByteArray kept = settings.readAll();
    EXPECT_TRUE(kept.contains("org/tiny"));
    EXPECT_FALSE(kept.contains("secret"));
}

} // namespace

} // namespace weighbridge::test
