#include "tests/ui/hub/printers.h"
#include "ui/hub/hub_environment.h"

#include <gtest/gtest.h>
#include <string>

namespace weighbridge::test {
namespace {

using namespace Qt::StringLiterals;

HubEnvironment withEndpoint(const QString& endpoint)
{
    HubEnvironment environment;
    environment.variables.insert(u"HF_ENDPOINT"_s, endpoint);
    return environment;
}

TEST(HubBaseUrl, isTheHubUnlessSaidOtherwise)
{
    EXPECT_EQ(hubBaseUrl({}), QUrl(u"https://huggingface.co"_s));
    EXPECT_EQ(hubBaseUrl(withEndpoint(u"  "_s)), QUrl(u"https://huggingface.co"_s));
    EXPECT_EQ(hubBaseUrl(withEndpoint(u" https://hub.example \n"_s)), QUrl(u"https://hub.example"_s));
}

struct NamedEndpoint
{
    const char* name;
    QString endpoint;
    bool usable;
};

class EndpointProblem : public ::testing::TestWithParam<NamedEndpoint>
{
};

TEST_P(EndpointProblem, isSaidOfWhatCannotBeUsed)
{
    const QString problem = endpointProblem(hubBaseUrl(withEndpoint(GetParam().endpoint)));
    EXPECT_EQ(problem.isEmpty(), GetParam().usable) << problem.toStdString();
    EXPECT_FALSE(problem.contains(u"secret"_s));
}

INSTANTIATE_TEST_SUITE_P(Table, EndpointProblem,
                         ::testing::Values(NamedEndpoint{"Https", u"https://hub.example/hf/"_s, true},
                                           NamedEndpoint{"Http", u"http://127.0.0.1:8080"_s, true},
                                           NamedEndpoint{"Password", u"https://me:secret@hub.example"_s, false},
                                           NamedEndpoint{"User", u"https://me@hub.example"_s, false},
                                           NamedEndpoint{"NoScheme", u"hub.example"_s, false},
                                           NamedEndpoint{"File", u"file:///etc"_s, false},
                                           NamedEndpoint{"NoHost", u"https://"_s, false},
                                           NamedEndpoint{"Query", u"https://hub.example?x=1"_s, false},
                                           NamedEndpoint{"Rubbish", u"https://hub example"_s, false}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SameOrigin, comparesSchemeHostAndPort)
{
    const QUrl hub(u"https://hub.example/a"_s);
    EXPECT_TRUE(sameOrigin(hub, QUrl(u"https://HUB.example:443/b?c"_s)));
    EXPECT_FALSE(sameOrigin(hub, QUrl(u"http://hub.example/a"_s)));
    EXPECT_FALSE(sameOrigin(hub, QUrl(u"https://hub.example:8443/a"_s)));
    EXPECT_FALSE(sameOrigin(hub, QUrl(u"https://cdn.hub.example/a"_s)));
}

TEST(IsLoopback, knowsThisMachine)
{
    EXPECT_TRUE(isLoopback(QUrl(u"http://localhost:1"_s)));
    EXPECT_TRUE(isLoopback(QUrl(u"http://127.0.0.2"_s)));
    EXPECT_TRUE(isLoopback(QUrl(u"http://[::1]:80"_s)));
    EXPECT_FALSE(isLoopback(QUrl(u"http://localhost.example"_s)));
    EXPECT_FALSE(isLoopback(QUrl(u"http://127.0.0.1.example"_s)));
    EXPECT_FALSE(isLoopback(QUrl(u"http://10.0.0.1"_s)));
}

} // namespace
} // namespace weighbridge::test
