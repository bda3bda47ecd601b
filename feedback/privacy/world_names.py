"""First names that people of other origins bear in France, Belgium, Canada, Britain and the USA, without accents."""

from __future__ import annotations

_MAGHREB_AND_LEVANT = """
abbas abdelaziz abdelghani abdelhak abdelhamid abdelilah abdeljalil abdelkarim abdellah abdellatif abdelmajid
abdelmalek abdelmoumen abderrahim abderrahman abderrahmane abdessamad abdou abdoul abir achraf adel adem adil adnan
afef ahlam ahmad aida aissa aissatou akim akram alaa amani amar amin amira amjad ammar anass anis anissa anouar
aouatef aouda arij arwa asma asmaa asmae assia assil assya atef aya ayman aymane aymen azeddine azzedine bachir badia
badis badr bahia belkacem bilal bilel bochra boualem boubaker bouchra chadia chadli chafia chahinez chahira chahrazed
chaima chaimae chakib charaf cherif cherifa chirine chokri dalal dalila dikra djamal djamila djibril djihane dounia
elyes emna fadel fadi fadoua fahd faiza farah fateh fathi fathia fatim fatimah fawzi faycal ferhat ferid feriel feryel
fethi fouzia ghada ghassan ghizlane ghofrane habib habiba hachim hadi hafid hafida hafsa haitham hajar hakima halim
hamad hamadi hamida hamou hana hanae hanan hanane hanene haroun hasan hasna hasnae hatem hayat hayet haykal heba hedi
hiba hichem hind houari houcine houria houssam houssine hussain ibtissam ibtissem idir idris idriss ihssane ikbal
ilham ilhame ilias iliass ilyas ilyass imad imed inas inaya insaf intissar iqbal ishak islam ismahane israa issam iyad
jalal jalil jaouad jihane kacem kadija kahina kaina kais kamel kaoutar kaouther karam kawtar kaysan khalida khalifa
khalil khawla kheira lahcen lahouari lamiae lamine latifa layal leyla lilia lotfi louay loubna lounes lyes lyna mahdi
maher mahfoud maissa majda majdi majid malak malek manal manar marwa marwan marwane maryam mayssa mebarka meriem
mervat meryem messaoud messaouda miloud mimoun moez mohsen mokhtar moncef mouad mouloud mouna mounia mounir moustapha
mustafa nabila nacer nacera nacim nadhir nadir nadjia naila naim najat najib najla najwa nariman nasim nasr nassima
nassira nawal nawel nawfel nazim nejma nesrine nezha nidal nihal nizar noama nordine nouha nour noura noureddine
nouredine omaima omayma othman ouafa oualid ouarda ouassim ouiam ouissal oussama rabah rabia rabie rabih rachida radia
radouane rafik rahma raja ramdane rami rana rania raouf raouia rashid rayan rayane razika reda redouane reem riad
riadh rida rihab ryad saad saadia sabah sabri sadia sadio safa safae safia safiya safouane saida salah salem salha
salim salma saloua samar samer samih samira sanae sawsan selma senad shahin shireen shirine siham sihem sliman slimane
sofian souhail souhayla soukaina soulaimane soumaya soumia tahar taher tahir talal tarek tarik toufik wafa wafae
wahiba wahid warda wassila widad wided wiem wissal wissam yahia yahya yamina yasin yasser yassin yazid younes youness
younous yousra youssouf zahia zahir zahra zaid zaina zakariya zakia zeinab ziad zied zina zineddine zoubida zoubir
zoulikha zyad
"""

_AFRICA_AND_ISLANDS = """
abdoulaye abiba abiola abla adama adebayo adeola adetola adjoa adwoa afua akissi akosua akoua akua alassane alhassane
alioune alpha amara amath amena amenan anta antoinise arouna assa assane assetou assitan astou atsu ayo ayodele aziza
babacar babatunde bacary badara baidy bakari bakary balla bamba bambo bara bassirou bineta binta bintou birame
bougouma bouna chantou cheick cheikh cheikhou chidinma chika chike chima chimamanda chinedu chinonso chinwe chinyere
chioma chukwuemeka coumba dalla damilola daouda dede deen demba dembo diakaria diarra dieynaba djenaba djenabou
djeneba djibi djiby ebony ebrima edem efua ejike ekene eniola eyob ezinne fadima fanta fantou fara fatoumata fenitra
ferdinande fidele fode folake fousseni fousseynou funmi gaoussou gifty gora goundo habibatou hadiatou hadja haja
hamady hamidou harouna hawa herilala hery honorine ibou ibra idrissa ife ifeanyi ifeoma issa issaka issiaka issouf
jabulani jean-bosco kabirou kadiatou kadidia kadidiatou kany karamba karamoko kassoum kayode kehinde kemi khadidiatou
khadidja khadim khadime khady kodjo koffi kojo kokou konan kossi kouadio kouakou kouame kouassi kpatcha kwabena kwadwo
kwesi lalaina landry lassana lassina lemlem lerato lindiwe mactar madjid mady magatte mahamadou maimouna maka makan
malick mamadi mami mamisoa mansour mariama mariame marieme massamba matar mbali mbaye medoune mekdes mody mohamadou
momo mouhamadou mouhamed mwangi naby nafissatou nandi ndeye ndiaga ndongo ngozi niang nirina njaka njoki nkechi nomsa
nomvula nyambura obi obinna ogechi olivette olu olumide oluwaseun omoba ouma oumou oumy oury ousseynou paterne
raherisoa ramata ramatoulaye ravaka rokhaya rokia rose-marie rougui saidou saikou salif salimata saliou sambou sandile
sanou saran sarata seckou sedar sekou selam seydou seynabou siaka sibusiso sidiki sidy sipho sira sokhna sory
souleymane soumaila tabitha tafadzwa taiwo temitope tendai teza thabo thandi thandiwe themba thierno tiana tidiane
tiemoko tobi tochukwu toure tsholofelo uche uchenna voahangy wambui wangari yacouba yero yetunde youssoupha zanele
zodwa zola
"""

_TURKEY_AND_PERSIA = """
ahmet arash arezou arman aslan ayla aylin aysegul azadeh azra baran behrouz bekir beren berkay beyza bijan bulent
burak burcu cagla canan cemal cengiz dariush darya defne derya dilan dilara dogan ece eda elham emine emir emrah enes
ercan erdal erdem erhan erkan ersin esma esra eylul farhad fariba farshad farzaneh fatih feride feyza firat furkan
gamze gizem gokhan golnaz gulay gulcan gulsen hacer hakan halil halime hamide hamit handan hatice havva hossein hulya
huseyin ilayda ilkay inci irem ismet kadir kaveh kemal kerem kiymet koray kubra latife levent mehmet mehrdad melek
melike melis meltem meral mert merve mojtaba morteza murat nader nasrin navid nazanin nazli necla nermin nesrin nevin
nihat niloufar nilufer nur nuray nurcan nuri oguz okan omer omid onur orhan ozan ozgur ozlem parisa parvin payam pelin
pinar pooya ramazan rasit recep reza ridvan saeed sahar samet selcuk selin semra serdar serhat serife sevda sevgi
sevim shahram shahrzad shirin siamak sibel sinan soheila soner songul suat sukru suleyman tahereh taner tolga tugba
tugce tuncay turgut ufuk ugur umit umut vedat volkan yagmur yalcin yasemin yavuz yeliz yigit yildiz yilmaz zafer zehra
zeki zeliha ziya zuleyha
"""

_IBERIA_AND_ITALY = """
abilio adelaide adelia adelina adelino adriana adriano afonso agata agostinho aitana alba albertina alberto alcides
alda aldo aleida aleixo alejandra alessio alexandrina alfonsina almudena amadeo amadeu amalia america amparo anabel
anabela andreia andres angelica anibal antonella antonietta antonino araceli arlindo armanda armando armindo augusto
aurelio aurora bartolomeo beatriz begona belen belmira benedetta benedito benita benito bernardo bianca bruna caetano
camilla candida carina carlota carmelo carolina caterina celeste celestino celso cintia clelia clementina conceicao
concepcion concetta consuelo cornelio corrado cosimo cristiana cristobal custodia dalia daniela danilo dario debora
deolinda desiderio dinis diogo domenica domenico domingos donatella duarte dulce edda edite edoardo edson eduarda
eleonora elia eliana elisabetta elisete eloisa elvira emanuela emanuele emiliana encarnacion enric enrica enrico
ermelinda ernestina estela ester estevao eugenia eugenio eulalia eusebio evangelina evaristo ezequiel fabiana fabiola
fabricio fabrizio fausto felice felicia felipa felisberto fermin fernanda fernao ferruccio filipa filomena fiorella
flavia flavio florbela floriana fortunato franca francisca franco gabriella gaetano gaspar gennaro gerardo germana
giada gian gianluca gianmarco gianni gilberto gilda gino gioele gioia giordano giorgia giovanna giuliana giuliano
giuseppina graca graciela graziano graziella gregorio guadalupe guilherme guillermina guillermo heitor helder
hermenegildo herminia hernan hilario horacio humberto iago ilaria ilda ilidio imma inma inmaculada iolanda ippolita
iria isabela isaura isidoro isidro isilda italo itziar ivo ivone jacinta jacinto jacopo jaime janaina jeronimo joana
joaquim joaquina jonas jordi josefa josefina josue jovita juana juanito julieta julio ladislau laia laurinda laurinha
lavinia leandra leandro leire leonardo leoncio leonel leonor leopoldo lia lidia ligia liliana livia lourdes lourenco
luana luciano lucilia lucinda lucio lucrezia ludovica ludovico luiza lurdes mafalda maicon manel manoel manoela manola
manolo marcela marcelina marcelino marcella marcello marcelo marcio margherita mariangela mariano maribel maricarmen
mariela marilena marinella marisa marisol maristela maritza mariza martim martina massimiliano massimo matilde mattia
maura maurizio mauro maximiliano merce micaela michela miguela milagros milena mirella mirko moacir moises monserrat
montserrat nando narciso natalina natividad nazare nelida nerea nerina nicoletta nicolo nieves nilda nilson noelia
noemi norberto nunzia nuria octavio odete odila ofelia olimpia olinda oliveiro orlando ornella osvaldo otavio ottavia
palmira palmiro paloma paola paolina pascual pasquale paz pedrito perla piedad piero pietro pilar pio priscila
purificacao quim quiteria rafaela raffaele raffaella raimundo ramiro ramona raquel remedios renato renzo ricarda
riccardo rinaldo rocco rodolfo rogelio rogerio romana romeo romina romulo ronaldo rosalia rosalina rosalinda rosangela
rosaria rosario rosina rosita rossana rossella ruggero rui sabela salomao salvador samanta samuele sandro santina
santino saverio serafim serafina sergi severino silvana silvano silverio silvestre silvina silvio simao simona susana
tania telma teodora teodoro teofilo teresinha terezinha thais tiago tito tobia tommaso tonino toribio ubaldo umberto
urbano valentim valentino valeria valerio valter vanda vanesa vania vasco vicenta vicente vincenza vincenzo violante
violeta virginio vitor vitoria vitorino vittoria vittorio waldemar xabier xavi ximena xoan yago yasmin yesenia zelia
zulmira
"""

_EAST_AND_NORTH = """
adelajda adina aiga ainars aivars aksel aleksandar aleksandr aleksej aleksi alena ales alexandru algirdas alois
aloisia alojz alva alzbeta anastazja anatoli anatoly anca andras andreea andrej andrius andrus aneta anete angelika
anica anika anka anneke anneli annelies annika annikki anouk anselm antal anto anzelika arkadij arkadiusz arne arnold
artem artur arunas arvid asger aslaug asta asya atle audrius aukje bartlomiej bartosz beate bela bence bernd birger
birgit birgitta birgitte birute blaz blazej bogdan bogumila boguslaw bohdan bohumil bojan bojana boleslaw borislav
boyan bozena branislav branka branko bratislav bronislaw brunhilde calin carolien caroliina carsten casimir catarina
cezary christoph ciprian claes codrut constantin corina cornel cornelia cornelis cosmin cristian czeslaw daina damjan
dana dancho danica daniil danijel danijela danuta daria dariusz darko dasa davor dejan denisa denys detlef dimitar
dimitra dimitrios dinko dirk dobromila dobroslaw dominik dominika dorota dorottya dorte dragan dragana dragica dragos
drazen dubravka dusan dusica dusko dzenita ebba edita edyta egil egle einar eino eirik eleni elina elisavet elka elke
elzbieta emil emilia emilian emilija emina endre eniko erkki erling ernst eryk erzsebet eskil esko eszter eugeniusz
eva-lena evgeni evgenia evgeny ewelina fabian faina fedir fedor femke filippos florentina florin floris franciszek
frantisek franz frederik freek frida friedrich gabor gabriele galia galyna georg georgeta georgi georgios gerd gerda
gergely gergo gertrud gheorghe goran gordana gosia gosta grazina grazyna gregor grigore gudrun gunilla gunnar gunter
gustav gyongyi gyorgy gyula halina hanka hanne hannele hannes hannu harald haris harri hartmut havard hedda hedvig
heidrun heikki heiko heini heinz hella helle helmi helmut hendrik henrieta henrika henryk herta hilde hildegard
hjordis horst hristo hryhoriy hugrun iacob ieva ihor iiris ilga ilie ilinca ilona ilse ilya ilze imre inara ingeborg
inger ingmar ingrida ingvar ioan ioana ioannis ionela ionut irenka irmgard isak istvan iulia iulian iuliana ivanka
ivar ivaylo ivelina iveta ivica iwona izabela jaak jaakko jaan jacek jacobine jadranka jadwiga jagoda janek janina
janis janka janne jannik jannike jano janos janusz jarek jarka jarmila jarmo jaromir jaroslava jasna jasper jelena
jelle jeno jens jeremiasz jeroen jerzy jette jindra jindrich jitka jitske jochen joerg joergen jolana jolanta joost
jordanka jorg jorma jorn josef josefine josip jovan jovana jozef jozefina jozsef judit juha juhani jukka juliane
julianna julija juliusz jurga jurgita jurij jussi justas justyna kaarina kai kaisa kaja kajsa kalina kalle kalman
karel karin karina karlis karol karola karolina karoly karsten kasia kaspars katalin katariina kateryna katharina
kathrin katja katka katrin kazimiera kerli kersti kerstin kinga kirill kirsi kjell klara klaudia klavdiya kliment knut
konrad konstantin konstantinos kornelia kostas krasimir kresimir kris kristiina kristijan kristof kristoffer krisztian
krisztina krystian krystyna ksenia kseniya kyriaki ladislav laila lajos larisa lasza laszlo lauri laurynas leena leif
lenka lennart leokadia leszek liana lida lidija lidka lieke liga liis liisa linas linnea liselotte liv ljiljana
ljubica loreta lothar lubomir lubos lucyna ludek ludmila ludvik ludwig ludwik luka lukasz lutz lyubov lyudmila maarit
maarten maciek madalina magda magdolna magnus maija majbritt maksim maksym malin malwina manfred manja marcin mareike
maren margareta margarete margit margriet margus mariann marica marika mariola mariusz marjan marjeta marketa marko
markus marleen marlis martijn martta martyna maruska marzena matej matti mattias maxim meelis meike merete mette
mihaela mihai mihail mihaly mikael mikita mikkel miklos mikolaj mikulas milada milana milica miljana milka miloslav
mircea mirela mirka mirna miro miroslav miroslava miroslaw miroslawa mladen mojca monika morten mykhailo mykola nadiya
nadja nadzieja natalija nataliya natasa natasja neda nela nemanja neven nevena nicolae niels nigul niina niklas niko
nikola nikolaj nikolaos nikoleta nikolett nils oana oddvar oded ognjen oksana olaf olav olavi oleh oleksandr oleksii
olof olympia ondrea ondrej otakar otto otylia oxana paal palma panagiotis paraskevi patrik patrycja patrycjusz
pauliina paulius pavel pavla pavlina pavlo pavol peder pekka pernille petar peteris petr petra petri petronela
petrus petya pia piet pieter pirjo pirkko plamen povilas predrag przemyslaw radek radka radomir radoslav radoslaw
radovan radu rafal ragna ragnar ragnhild raija raimo raimonds raimund rainer raivo rajko ralf ramune ranko rasmus
ratko razvan reidar reijo reinhard reinis remigiusz renate reto rikke rimantas risto ritva robertas rodica roel
roksana roman romualda roswitha rozalia ruud ruxandra saara sabina sakari samu sander sandor sanja sanna sanne santa
sarka sasa sasha saskia sauli savva sebastiaan sebastjan seija semyon senka seppo sergej sergey sergii sergiu serhii
severin sezen siarhei siegfried sigita sigmund siiri silja silke silviu simo sini sirje sirpa siv slavica slavka
slavko slavomir slobodan snorri sofie sofija solveig sonja soren sotiris spela spyros srdjan stanimir stanislav
stanislava stanislaw stanislawa stefaan stefana stefanie stefanos steffen stein sten stevan stig stijn stine stoyan
suvi svante sveinn sven-erik svend sverre svitlana svyatoslav sylwia szabolcs szilvia taavi tadas tamas tanel tanja
tarja tarmo tatjana tatyana teemu teet tekla teodor teofil teppo tereza terje tetiana thea theodoros thibor thijs
thomasz thor thorsten tibor tihomir tiina tiit tijana timo timofey timur tjalling toivo tomek tomislav toms tonje tonu
toomas torben torgeir torsten torvald triin trond truls trygve tsvetan tsvetelina tudor tuija tuomas tuomo tuula uldis
ulf ulla ulrich ulrik ulrika ulrikke undine urmas uros urs urszula uwe vaclav vadim vagelis valdas valdemar valdis
valentyna valeri valeriia valeriu valeriya varvara vasil vasile vasiliki vasilis vasilisa vassil vasyl veera veikko
veiko velimir venla veselin veselina vesna viera vigdis viggo vika viktoria viktoriia viktorija vilhelm viljar vilma
violetta virpi virve vitali vitalii vitaly vitezslav vjeran vladan vladislav vladislava vladka vladko vlado vlasta
vlastimil vojtech volha volker volodymyr vuk waclaw walenty wendelin werner weronika wieslaw wieslawa wiktor wiktoria
wilhelm willem witold wladyslaw wlodzimierz wolf wout yana yanka yannis yaroslav yaroslava yegor yelena yevgeny yordan
yulia yuliia yuliya yuriy zaklina zaneta zarko zbynek zdenek zdenka zdravko zdzislaw zelimir zeljka zeljko zenon
zhanna zhivko zigmund zivka zlata zlatan zlatko zofia zoltan zora zoran zorica zsofia zsolt zsuzsanna zuzana zuzanna
zydrunas zygmunt
"""

_ASIA = """
aaditya aaradhya aarav aarti abhinav abhishek adithya aditi aditya aishwarya ajay akash akhil akira akshay amit amita
amitabh amrita anand ananya aniket anjana anjum ankita ankur anuj anupama anuradha anushka aparna arindam arun aruna
aryan ashok ashwin asuka avinash ayaka ayesha ayumi azusa bhavesh bhavna bich biju binod biplab chandan chandni
chandra chaya chetan chihiro chitra daichi daiki daisuke debashish deepa deepak deepika devendra devi dhruv dinesh
divya diya durga eiji emi farhan farhana fatemeh feng fumiko ganesh gaurav gautam gayatri geeta girish gopal govind
guddu gurpreet hai hanako harish harpreet harsha haruka hemant hien hina hiromi hitesh hong huong huyen indira indu
isha ishaan jagdish jaspreet jaya jayanthi jayesh jia jian jiayi jigar jing jitendra jiwoo joginder junko jyoti kabir
kailash kalpana kalyani kamala kamlesh kanchan kannan kaori karthik karthika kavita kavya kazuki kazuko kazuya kenji
kenta khanh khoa kim-anh kiran kiyoshi koji komal krishna krishnan kunal lakshmi lalita lata lavanya li-wei lingling
linh madhav madhu madhuri mahesh mai-linh makoto malati mamoru manish manisha manju manoj mansi mariko masako masashi
masato mayumi meena meenakshi meera megha mehul mei-ling meiling michiko midori mihir minako minh minh-anh misaki
mitsuko miyuki mohan mohit mukesh muthu naoki naoko naotaka narendra nataraj natsuki naveen neelam neeraj neha ngoc
nhung nikhil nilesh nimal niraj nirmala nisha nitin nobuko omkar padma pallavi pankaj parth parvati phuong pooja
prabhakar prabhu prachi prakash pranav prasad prashant pratik praveen preethi preeti priyanka pushpa quynh raghav
rajan rajat rajeev rajendra rajiv rajkumar rakesh rama raman ramya rani ranjit rashmi ratna reiko renu rina ritika
ritu riya rohan rohini rohit roopa ruchi rupali sachiko sachin sagar sakura samarth sandeep sangeeta sanjana sanjeev
sarita sarojini satish satoshi saurabh savita sayaka seema selvi senthil seungmin shalini shankar sharmila shashank
shigeru shikha shilpa shinji shinya shivani shizuka shobha shota shraddha shreya shruti shubham siddharth simran smita
smriti sneha soham somchai sompong somsak sonali soo-jin sota subash suchitra sudha sudhir suhasini sujata sumiko
sumitra sunita supriya surbhi surendra surya sushil sushma suzuka swapna swati takeshi takumi tanaka tanvi tarun
tatsuya tenzin thanh thao thi thieu thuan thuy tomoko tomomi trang trinh trung tsering tsewang tuyet uday umesh
vaibhav vaishali vandana vani varsha varun vasanthi veena venkat venkatesh vidya vignesh vikas vikram vimala vinay
vineet vinh vinod vipin vishal vivek xiaoling xiaoming xinyi xiuying xuan yamato yash yasuko yifan ying yogesh yoko
yoshiko yosuke yuan yuka yukiko yuko yumi yusuke yuto zainab zhen zihan ziyi
"""

_OLD_AND_NEW_FRENCH = """
anemone prune
abel abigaelle achille adelphe adhemar aelys agatha aglae alaia aliou alphonsine ambroise anaelle anatoline andreas
angie annaelle anne-laure anne-marie anne-sophie anselme anthonin aphrodite aquilin ariel aubin audran augusta aurelia
auriane aymar aymeric baudouin benedict berangere berthe bertille bixente blaise brewen briac calista calixte camelia
candice carole-anne cassandre celena celestina celie celya charlaine charlette charleyne charly chrystel chrystelle
claire-marie claudie claudy clea clementin cleo cleophee clervie clothilde clovis coco corantin cordelia cosette
cyriaque cyrielle daphnee dawson domi domitille donovan doriane doryan eden edgard edwige eleana eleanore eleonor
elfried eline elio eliora elisabete elissa ellyn eloan eloane eloi elouan elphege elvina elvire elwenn emerence emeric
emericka emmy enora eole ernestine etann eudeline eudes eulalie euphrasie evana eve-marie ewen eythan fanette fantine
ferreol fidelia firmin flavienne flavy fleur fleurance flore foulques francelin franceline francelise francette
francky freddy fulbert galatee garance gauvain gedeon gege geraud gerome ghyslain ghyslaine gislaine godefroy gontran
goulven gudule guenael guenole guilaine guilhem guillemette guirec gwenael gwenn gwennaelle gwladys hadrien helie
helier heliette hermance hermeline hermine honorin huguette idalie ignace ilan ilana iphigenie isadora isaline iseult
isolde ivanna izia jacinthe jacotte jaouen jayden jean-baptiste jeanine jehan jerrold jocelyn johanne jojo jolan
josephe josy jovanie judicael juline justinien kaelig kaelys kalvin kassandra katell katia katy kellyan kelya kendall
kenzo keran kerrian kevan kilian killian kimberley kimi kylian kyliane kyllian laeticia lambert lancelot lauranne
laureen laureline lauriane laurianne laurine leana leane leanne leila-rose lenaic lenaick lenny leonce leontine
leopoldine lexane lilas lilwenn linette lisandre lisette livio loann loanne loeiz loevan loise lolita lony lorenza
loris lothaire lou-ann louann louanne louella louison loukas louna louve luciole ludo lulu lylou lyne lysandre macha
madenn mado maela maelie maelyne maeva magalie mahaut mahe mailys maina maiwenn malaurie malorie manech manoah manu
manuelle marc-antoine marceline marcellin margerie marie-ange marie-anne marie-christine marie-claire marie-claude
marie-france marie-helene marie-jose marie-laure marie-line marie-louise marie-noelle marie-paule marie-pierre
marie-rose marie-therese mariele mariette marilou marilyne marinette marise marjolaine marlon mathea matheo matheus
mathurin mathys matis mattis maude maurane mauricette maurine maxens maylis melaine melchior meline melissandre melody
melusine merlin milla milo modeste morgann mylene naelle nais naomie narcisse nastasia nathanael nello nelly neo
nicephore nico ninon noam noeline noella noellie nolann nolwenn nono numa oanell octave octavie odilon olaia olympe
ombeline ondine onesime oregane oriana oriane orianne orlane orphee oscarine ouanda oween pacome pascaline paul-henri
pauric perceval perle peyo philemon philomene pierre-louis pierrot pol prisca priscilla priscille prosper quitterie
raphaele reine-marie reinette renaude rene-paul reynald richarde robertine robinson romaine romaric rosemonde rosine
rosy ruddy rudy samson sandie saturnin scholastique seb segolene seraphin seraphine servane shaina shana shelsy
sherazade sibylle sidonie sigolene silouane simeon sixte sixtine sloane sofiann solal solenn solenne sophian stecy
steeve steeven stephan suzel suzelle suzette sybille sylvanie syrine taina tancrede tess thalia thelio theodora
theodule theophane theotime thibaud thiebaud thiphaine tibere tifenn tilio timael timothe tino tiphaine tiphanie titi
titien toussaint tugdual typhaine urielle ursuline valere valerian valeriane valery vassili venceslas venus victoriane
victorine virgile wandrille wendie wilfrid wilhem willy winnie xaviere yaelle ylan yoan yohann yolaine yoni yorick
youenn youna yvain yvonnick zaccharie zelie zephyr zephyrin zita zoelie
"""

_CANADA_AND_BRITAIN = """
ailsa alanna alannah alasdair amos angharad annalise anneka arianna arlo ashton audra autumn azalea barnaby beatrix
beau bethan betsy bettina blair braden brady brandi breanna brendon briana bronagh bronwyn brynn caden caelan caitlyn
candace caoimhe carissa carlton carly carmel casey catriona cedrick chandler chantelle charis charleen charley
charmaine chaz cherie cheyenne chrissie christa christie clarissa clay clinton coby cole conan cooper cora coral
cormac cory courteney cristal dahlia dakota dallas damian damon danae danika darcy darius darnell darryl davina
deandre deanna deanne delaney della delroy demetrius denny denton deshawn destiny devon diarmuid dillon dinah
dion donal donnie dorothea drake dwain dyllis eamon eamonn eddy edison effie eilidh eithne elaina elisha eliza elvin
elvis elwood emlyn emmet emmett emory enid enya esme esmeralda esmond essie eunice evander evangeline everett ezra
faye fern ferne finn finnegan fintan fletcher flossie forrest fran frankie fraser frieda gaby garrett gaynor geraint
gethin gideon giles ginny glenna glynis gordie grady greer gregg griffin griselda gwyneth hadley hamish hank harlan
harley harmony harper hattie hedley hester hettie hollie homer horace hughie humphrey hyacinth ianto iestyn ifan ilene
india ingram iola iona irvin irving isobel israel ivor izzy jaclyn jaden jalen jamal jameson janelle janette janie
jarrod jarvis jed jemima jemma jena jenifer jensen jerald jermaine jerrod jethro jewel joanie jodi joni jonty jordyn
josephina josiah josie joyann judd judi judson julianne juliet justina kaden kaitlin kaleb kaleigh kara kari karla
karly kasey kassidy katelynn katharine kathie kathryne katlyn kaylee kaylin keanu keaton keegan keeley keely keenan
kellie kelvin kenton kenya kerri kiara kiera kimber kingsley kira kitty kizzy kristan kristi kristie kristy kylie kyra
lachlan laci lamar lamont latasha latisha laurel lawson leander leanna leigh-anne lemuel lenora lenore leroy leta
lettie lew lilah lilith linnie linus lisbeth liza llewellyn llinos lonnie lora loren lottie lou-anne louie lowell
luanne lucian lula luna lyle lyndon lyndsey lyra macey macy madge maisie maisy malachi mallory marci marcy margery
margie margo mariah maribeth marietta marigold marilynn marin maris marissa marla marley marly marnie marty maryann
maryanne mattie mavis maxwell meagan meg meghan melvyn mercy meredith merle meryl mica micah mikaela mikayla mikey
milly mindy minerva minnie mitch moe mollie montana montgomery morag morgana morwenna moses moya muireann murdo murray
mya myles myron nanette nate nerys nessa nettie niall nichola nicki nicky nita norris nova nyla oakley octavia odessa
opal oran orin orlaith orson orville osborne otis paddy padraig palmer parker patience payton pedr persephone petula
peyton phineas pippin portia prudence quincy quinn raegan raelene raina rashad raven reagan reece reed reese regan
reggie reid rena renae rex reyna reynold rhea rhian rhiannon rhoda ricki rigby rocky roderick rodger rolf rona ronan
roosevelt rosanna roseanne roselyn roxanna roxie royce royston rubin rudolph rufus rusty ryker saffron samara sanford
saul savannah sawyer scot seamus serena shania shanice shanna shanon shari sharlene sharron sheena sheldon shelia
shelly shelton sheree sheridan sherman sherrie shona shonda silas sinclair skylar solomon sondra sonny sorcha spencer
staci stacie stevie suki sullivan susanne suzanna sydnie tabatha talia tamera tami tammie tatum taya tegan terese
terrance terrell thaddeus thora tia tilda tillie tilly timmy tobin toni tonia tracie trent trenton tressa trina
trinity trish trisha trista trudy tucker turlough tyra tyree tyrell tyrese tyron tyrone tyson ulysses valarie vaughan
vaughn velma venetia vernice vince vinnie viv vivienne wallis wayland webster wendell wes weston wilfred wilhelmina
willa willis winona woodrow wyatt yvonna zachariah zander zelda zena
"""

_RECENT = """
aaliyah abena achieng adalynn akinyi albie aled aoife aria aroha arya asha athena ayaan bartholomew baz bella bertram
blessing bola brielle bushra carys cathal cerys chipo cillian codey colton cressida cuthbert darragh daz delilah
despina dimitris easton eoin esperanza euan eunji everleigh everly ezekiel fahad faisal farai femi ffion finlay
fionnuala gaz grainne grayson greyson gwenllian haruto hemi huda huw iain ieuan ignatius imani iolo itzel jace jada
jaxon jaxson jihoon kagiso kalani kalliope kamau kayden kayleigh keisha keoni kev lech leilani levi lorcan lowri lyla
mackenzie madelyn maha malia minho minji nasir nasreen nevaeh ngaio nia nikos njeri nneka noelani noelle nokuthula
noor oisin oluchi otieno ottoline parveen piper precious prosper raelynn rafferty rehana rudo rukhsana rylee saima
seojun serenity shaz shazia sian soojin stavros struan sultan sumit tadhg tejas tinashe tunde usha usman vinny waqas
wiremu wojtek xochitl yaw yemi yousef yui zahid zain zoey
"""

WORLD_NAMES = frozenset(
    " ".join(
        (
            _MAGHREB_AND_LEVANT, _AFRICA_AND_ISLANDS, _TURKEY_AND_PERSIA, _IBERIA_AND_ITALY,
            _EAST_AND_NORTH, _ASIA, _OLD_AND_NEW_FRENCH, _CANADA_AND_BRITAIN, _RECENT,
        )
    ).split()
)  # fmt: skip
